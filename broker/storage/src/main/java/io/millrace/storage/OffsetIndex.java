package io.millrace.storage;

final class OffsetIndex {
    static final int ENTRY_BYTES = 16;

    private OffsetIndex() {}
}
