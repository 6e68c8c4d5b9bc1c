package io.millrace.benchmarks.jms;

import java.util.List;

/** All rows, in the order of the table. */
final class Rows {
    static final List<Row> ALL = List.of(
            SendRow.synchronous(1),
            SendRow.synchronous(8),
            SendRow.synchronous(64),
            new AsyncSendRow(),
            SendRow.nonPersistent(),
            SendRow.transacted(1),
            SendRow.transacted(100),
            new ReceiveRow(0),
            new ReceiveRow(100),
            new FanOutRow(1),
            new FanOutRow(10),
            new RequestReplyRow(),
            new SelectorRow(),
            PacedRow.manyQueues(),
            new TwoPhaseRow(),
            PacedRow.latency(1_000, 1),
            PacedRow.latency(10_000, 16));

    private Rows() {}

    /** @throws IllegalArgumentException where there is none of that name */
    static Row named(String name) {
        return ALL.stream()
                .filter(row -> row.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("there is no row \"" + name + "\"; the rows are "
                        + ALL.stream().map(Row::name).toList()));
    }
}
