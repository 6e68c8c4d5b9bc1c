/** What clients did to a cluster, in their own eyes, and what may not be in such a history: pure rules, no clusters. */
package io.millrace.faults.history;
