/** Tests of configuration. */
package io.millrace.ra.configuration;
