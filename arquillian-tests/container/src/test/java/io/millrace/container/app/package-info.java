/** The application that the tests deploy. */
package io.millrace.container.app;
