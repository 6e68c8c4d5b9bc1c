package io.millrace.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.record.RecordHeader;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RecordReaderTest {
    private static final List<RecordHeader> HEADERS = List.of(new RecordHeader("a", new byte[] {1}));

    private final RecordReader lines = new RecordLines("t", 3, ":", "NULL", HEADERS);
    private final RecordReader documents = new RecordDocuments("t", null, false, HEADERS);

    private static byte[] utf8(String text) {
        return text.getBytes(UTF_8);
    }

    @Test
    void whatStandsBeforeTheFirstSeparatorIsTheKey() {
        assertThat(lines.read("k:v:w").key()).isEqualTo(utf8("k"));
        assertThat(lines.read("k:v:w").value()).isEqualTo(utf8("v:w"));
        assertThat(lines.read("v").key()).isNull();
        assertThat(lines.read(":v").key()).isEmpty();
        assertThat(lines.read("k:v").partition()).isEqualTo(3);
        assertThat(lines.read("k:v").headers()).isEqualTo(HEADERS);
    }

    @Test
    void aLineWithoutSeparatorsIsAValue() {
        var plain = new RecordLines("t", null, null, null, List.of());

        assertThat(plain.read("k:v").value()).isEqualTo(utf8("k:v"));
        assertThat(plain.read("").value()).isEmpty();
        assertThat(plain.read("NULL").value()).isEqualTo(utf8("NULL"));
    }

    @Test
    void aTombstoneHasNoValue() {
        assertThat(lines.read("k:NULL").value()).isNull();
        assertThat(lines.read("k:NULL").key()).isEqualTo(utf8("k"));
        assertThat(documents.read("{\"key\":\"k\",\"value\":null}").value()).isNull();
        assertThat(documents.read("{\"key\":\"k\"}").value()).isNull();
    }

    @Test
    void aValueThatIsADocumentIsSentAsJson() {
        assertThat(documents.read("{\"value\":{\"a\":[1, 2]}}").value()).isEqualTo(utf8("{\"a\":[1,2]}"));
        assertThat(documents.read("{\"value\":7}").value()).isEqualTo(utf8("7"));
    }

    @Test
    void thePartitionOfADocumentIsTakenOnlyWhereThatIsWanted() {
        String document = "{\"partition\":5,\"offset\":9,\"topic\":\"other\",\"value\":\"v\"}";

        assertThat(documents.read(document).partition()).isNull();
        assertThat(documents.read(document).topic()).isEqualTo("t");
        assertThat(new RecordDocuments("t", null, true, List.of())
                        .read(document)
                        .partition())
                .isEqualTo(5);
        assertThat(new RecordDocuments("t", 1, true, List.of()).read(document).partition())
                .isEqualTo(1);
    }

    @Test
    void headersOfADocumentComeBehindThoseOfTheCommand() {
        assertThat(documents.read("{\"headers\":{\"b\":\"x\"}}").headers())
                .containsExactly(HEADERS.get(0), new RecordHeader("b", utf8("x")));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "hello",
                "[]",
                "{\"value\":",
                "{} {}",
                "{\"vlaue\":1}",
                "{\"valueBase64\":\"*\"}",
                "{\"time\":\"now\"}"
            })
    void anythingElseIsRefusedWithWhatIsRight(String line) {
        assertThatThrownBy(() -> documents.read(line))
                .isInstanceOf(CommandFailedException.class)
                .hasMessageContaining(RecordDocuments.EXAMPLE);
    }
}
