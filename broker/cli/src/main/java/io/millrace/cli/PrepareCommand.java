package io.millrace.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Makes the class archive now, as the first start of a broker would do in the background. */
@Command(
        name = "prepare",
        description = {
            "Makes starts on this machine faster: writes the class archive now.",
            "The first start of a broker does so by itself; this is for images of containers and for administrators."
        },
        mixinStandardHelpOptions = true)
final class PrepareCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @SuppressWarnings("NullAway.Init") // picocli fills in the specification
    PrepareCommand() {}

    @Override
    public void run() {
        ClassArchive archive = ClassArchive.ofThisProcess()
                .orElseThrow(
                        () -> new CommandFailedException(
                                "there is no folder for a class archive: start bin/millrace, without MILLRACE_CLASS_ARCHIVE=off, and with lib/ or HOME writable"));
        try {
            Path made = new ClassArchiveMaker(archive)
                    .make()
                    .orElseThrow(() -> new CommandFailedException("another process is making the class archive"));
            PrintWriter out = spec.commandLine().getOut();
            out.println(made);
            out.flush();
        } catch (IOException e) {
            throw new CommandFailedException("cannot make the class archive in " + archive.folder() + ": " + e, e);
        }
    }
}
