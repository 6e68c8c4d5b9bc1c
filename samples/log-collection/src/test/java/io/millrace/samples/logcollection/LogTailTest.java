package io.millrace.samples.logcollection;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogTailTest {
    @TempDir
    Path directory;

    private Path file;
    private LogTail tail;

    @BeforeEach
    void open() {
        file = directory.resolve("server.log");
        tail = new LogTail(file);
    }

    @Test
    void aFileThatIsNotThereYetHasNoLines() throws IOException {
        assertThat(newLines()).isEmpty();
    }

    @Test
    void eachLineComesOnce() throws IOException {
        append("one\ntwo\n");
        assertThat(newLines()).containsExactly("one", "two");

        append("three\n");

        assertThat(newLines()).containsExactly("three");
        assertThat(newLines()).isEmpty();
    }

    @Test
    void aLineWaitsForItsEnd() throws IOException {
        append("whole\nhal");
        assertThat(newLines()).containsExactly("whole");

        append("f and \u2713");
        assertThat(newLines()).isEmpty();
        append("\n");

        assertThat(newLines()).containsExactly("half and \u2713");
    }

    @Test
    void linesOfWindowsAndEmptyLinesAreLines() throws IOException {
        append("one\r\n\r\n\ntwo\r\n");

        assertThat(newLines()).containsExactly("one", "", "", "two");
    }

    @Test
    void aRotatedFileIsReadFromItsBeginning() throws IOException {
        append("old one\nold two\n");
        assertThat(newLines()).hasSize(2);

        Files.move(file, directory.resolve("server.log.1"));
        append("new, and longer than what was there before\n");

        assertThat(newLines()).containsExactly("new, and longer than what was there before");
    }

    @Test
    void aFileThatIsMissingForAMomentIsReadFromItsBeginning() throws IOException {
        append("old one\nold two\n");
        assertThat(newLines()).hasSize(2);

        Files.delete(file);
        assertThat(newLines()).isEmpty();
        append("new\n");

        assertThat(newLines()).containsExactly("new");
    }

    @Test
    void aTruncatedFileIsReadFromItsBeginning() throws IOException {
        append("old one\nold two\n");
        assertThat(newLines()).hasSize(2);

        Files.writeString(file, "new\n");

        assertThat(newLines()).containsExactly("new");
    }

    @Test
    void aLineThatWasRefusedComesAgain() throws IOException {
        append("one\ntwo\nthree\n");
        var taken = new ArrayList<String>();

        assertThatThrownBy(() -> tail.readNewLines(line -> {
                    if (line.equals("two")) {
                        throw new IllegalStateException("not now");
                    }
                    taken.add(line);
                }))
                .hasMessage("not now");

        assertThat(taken).containsExactly("one");
        assertThat(newLines()).containsExactly("two", "three");
    }

    @Test
    void oneLookReadsAMebibyteAndTheNextTheRest() throws IOException {
        String line = "x".repeat(99) + "\n";
        append(line.repeat(20_000));

        List<String> first = newLines();
        List<String> second = newLines();

        assertThat(first).hasSize(LogTail.READ_BYTES_MAX / line.length());
        assertThat(first.size() + second.size()).isEqualTo(20_000);
    }

    @Test
    void aLineLongerThanOneLookComesInPieces() throws IOException {
        append("y".repeat(LogTail.READ_BYTES_MAX) + "tail\n");

        assertThat(newLines()).containsExactly("y".repeat(LogTail.READ_BYTES_MAX));
        assertThat(newLines()).containsExactly("tail");
    }

    @Test
    void itIsNamedByItsFile() {
        assertThat(tail).hasToString(file.toString());
    }

    private List<String> newLines() throws IOException {
        var lines = new ArrayList<String>();
        tail.readNewLines(lines::add);
        return lines;
    }

    private void append(String text) throws IOException {
        Files.writeString(file, text, UTF_8, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }
}
