/**
 * Runs Joram's conformance tests for JMS 1.1, made jakarta by the build, on a broker of Millrace.
 *
 * <p>{@link io.millrace.jmssuite.SuiteAdmin} is what the suite asks for connection factories and destinations, and {@link
 * io.millrace.jmssuite.JoramIT} runs its cases one by one and counts them.
 */
@NullMarked
package io.millrace.jmssuite;

import org.jspecify.annotations.NullMarked;
