package io.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClassArchiveTest {
    @TempDir
    private Path folder;

    @Test
    void anInstalledArchiveFitsAndItsNameTellsItsSize() throws IOException {
        Path installed = archive().install(written("classes"));

        assertThat(installed).hasParent(folder).hasFileName("classes-7-" + Files.size(installed) + ".jsa");
        assertThat(new ClassArchive(folder.resolve("classes-7"), installed).isFit())
                .isTrue();
    }

    @Test
    void anArchiveThatIsCutShortOrChangedDoesNotFit() throws IOException {
        Path installed = archive().install(written("classes"));
        byte[] whole = Files.readAllBytes(installed);

        for (int length = 0; length < whole.length; length++) {
            Files.write(installed, Arrays.copyOf(whole, length));
            assertThat(ClassArchive.isFit(installed))
                    .as("the first %d bytes", length)
                    .isFalse();
        }
        for (int i = 0; i < whole.length; i++) {
            byte[] changed = whole.clone();
            changed[i] ^= 1;
            Files.write(installed, changed);
            assertThat(ClassArchive.isFit(installed)).as("byte %d changed", i).isFalse();
        }
    }

    @Test
    void aProcessWithoutAnArchiveHasNoneThatFits() {
        assertThat(archive().isFit()).isFalse();
        assertThat(ClassArchive.isFit(folder.resolve("classes-7-1.jsa"))).isFalse();
    }

    @Test
    void anInstalledArchiveReplacesWhatWasThereOfTheSameInstallationOnly() throws IOException {
        Path others = Files.writeString(folder.resolve("classes-8-5.jsa"), "other");
        Path before = archive().install(written("before"));

        Path after = archive().install(written("afterwards"));

        assertThat(before).doesNotExist();
        assertThat(after).exists();
        assertThat(others).exists();
    }

    private ClassArchive archive() {
        return new ClassArchive(folder.resolve("classes-7"), null);
    }

    private Path written(String content) throws IOException {
        Path file = Files.writeString(folder.resolve("written"), content);
        assertThat(file.toFile().setReadOnly()).isTrue(); // as the JVM leaves it
        return file;
    }
}
