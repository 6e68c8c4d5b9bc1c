/** Tests of the packed resource adapter. */
package io.millrace.rar;
