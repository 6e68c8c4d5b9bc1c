package io.millrace.cli;

import java.io.PrintWriter;
import java.io.StringWriter;
import picocli.CommandLine;

/** What one command line printed and answered, run in this process. */
record CommandRun(int exitCode, String out, String err) {
    /** Where no broker listens: the port is that of tcpmux, which nobody serves any more. */
    static final String NOBODY = "127.0.0.1:1";

    static CommandRun of(String... arguments) {
        var out = new StringWriter();
        var err = new StringWriter();
        CommandLine commandLine = MillraceCommand.commandLine(arguments)
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true));
        int exitCode = commandLine.execute(arguments);
        return new CommandRun(exitCode, out.toString(), err.toString());
    }
}
