/** Tests of pooled connections. */
package io.millrace.ra.outbound;
