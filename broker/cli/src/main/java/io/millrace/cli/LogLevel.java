package io.millrace.cli;

import picocli.CommandLine.ParseResult;

/**
 * How much of the log is shown: what brokers have to tell is worth reading, while a client command's output is what it
 * prints. {@code MILLRACE_LOG_LEVEL} wins, and so does the system property.
 */
final class LogLevel {
    /** Read by logback.xml when the first message is logged, which is after the command line was read. */
    static final String PROPERTY = "millrace.log.level";

    private LogLevel() {}

    static void choose(ParseResult parsed) {
        if (System.getProperty(PROPERTY) == null) {
            System.setProperty(PROPERTY, of(parsed));
        }
    }

    static String of(ParseResult parsed) {
        if (!parsed.hasSubcommand()) {
            return "WARN";
        }
        return parsed.subcommand().commandSpec().userObject() instanceof ServerCommand ? "INFO" : "WARN";
    }
}
