package io.millrace.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.record.RecordHeader;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.TypeConversionException;

class RecordTemplateTest {
    private static final ReadRecord FULL = new ReadRecord(
            "orders",
            2,
            7,
            1_700_000_000_000L,
            null,
            "k".getBytes(UTF_8),
            "tea ✓".getBytes(UTF_8),
            List.of(new RecordHeader("a", "1".getBytes(UTF_8)), new RecordHeader("b", null)));
    private static final ReadRecord EMPTY = new ReadRecord("orders", 0, 0, 0, null, null, null, List.of());

    private static String print(String template, ReadRecord record) {
        return new RecordTemplate.Converter().convert(template).print(record, "NULL");
    }

    @Test
    void everySignStandsForAPartOfTheRecord() {
        assertThat(print("%t/%p@%o %T %K:%k %S:%s %h", FULL))
                .isEqualTo("orders/2@7 1700000000000 1:k 7:tea ✓ a=1,b=NULL");
    }

    @Test
    void whatIsNotThereIsShownAsTheUserWants() {
        assertThat(print("%k %K %s %S [%h]", EMPTY)).isEqualTo("NULL -1 NULL -1 []");
    }

    @Test
    void escapesAndPerCentSignsAreThere() {
        assertThat(print("100%% \\t\\\\\\n", FULL)).isEqualTo("100% \t\\\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"%x", "%", "\\q", "text \\"})
    void aSignThatMeansNothingIsRefusedWithThoseThatDo(String template) {
        assertThatThrownBy(() -> print(template, FULL))
                .isInstanceOf(TypeConversionException.class)
                .hasMessageContaining("%s value")
                .hasMessageContaining(template);
    }
}
