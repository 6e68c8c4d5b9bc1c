/** Activity tracking: page views into a topic keyed by visitor, and a page of the most viewed that a message-driven bean keeps live. */
package io.millrace.samples.activitytracking;
