package io.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;

class TextTableTest {

    @Test
    void columnsAreAsWideAsTheirWidestCellAndNumbersStandToTheRight() {
        var out = new StringWriter();

        new TextTable("TOPIC", "LAG", "MEMBER")
                .row("a", 5, null)
                .row("orders", 1000, "m-1")
                .print(new PrintWriter(out, true));

        assertThat(out.toString().lines())
                .containsExactly("TOPIC    LAG  MEMBER", "a          5  -", "orders  1000  m-1");
    }
}
