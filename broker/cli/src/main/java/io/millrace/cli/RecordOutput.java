package io.millrace.cli;

import java.io.PrintWriter;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** How records are printed. */
final class RecordOutput {
    @Spec(Spec.Target.MIXEE)
    private CommandSpec command;

    @Option(
            names = {"-k", "--key-separator"},
            description = "Print the key and this before the value.")
    private @Nullable String keySeparator;

    @Option(
            names = "--format",
            paramLabel = "TEXT",
            converter = RecordTemplate.Converter.class,
            description = "Print this for each record, with " + RecordTemplate.SIGNS + ". There is no line break but"
                    + " those that you write.")
    private @Nullable RecordTemplate template;

    @Option(names = "--null-as", defaultValue = "", description = "What is printed where there is no key or value.")
    private String nullAs = "";

    @Option(
            names = "--json",
            description =
                    "Print JSON, a record a line, with offset, time, key and headers; Base64 where bytes are no UTF-8.")
    private boolean json;

    @SuppressWarnings("NullAway.Init") // picocli fills in the options
    RecordOutput() {}

    void print(ReadRecord record) {
        PrintWriter out = command.commandLine().getOut();
        if (json) {
            JsonOutput.print(out, RecordView.of(record));
        } else if (template != null) {
            out.print(template.print(record, nullAs));
        } else {
            String key = keySeparator == null ? "" : ByteText.shown(record.key(), nullAs) + keySeparator;
            out.println(key + ByteText.shown(record.value(), nullAs));
        }
        if (out.checkError()) { // flushes; an error means that nobody reads on
            throw new CommandFailedException("standard output was closed");
        }
    }
}
