package io.millrace.server.temporary;

/** A temporary queue or topic and how much of what was sent to it is not consumed. Guarded by its {@link TemporaryDestinations}. */
final class TemporaryDestination {
    private final String name;
    private final TemporaryOwner owner;
    private int records;
    private long bytes;

    TemporaryDestination(String name, TemporaryOwner owner) {
        this.name = name;
        this.owner = owner;
    }

    String name() {
        return name;
    }

    TemporaryOwner owner() {
        return owner;
    }

    /** One record always has room. */
    boolean hasRoom(int size, TemporaryLimits limits) {
        return records == 0 || (records < limits.recordsMax() && bytes + size <= limits.bytesMax());
    }

    void onSent(int size) {
        records++;
        bytes += size;
        owner.addBytes(size);
    }

    /** An owner cannot make room that was not taken. */
    void onConsumed(int consumedRecords, long consumedBytes) {
        long freed = Math.max(0, Math.min(bytes, consumedBytes));
        records -= Math.max(0, Math.min(records, consumedRecords));
        bytes -= freed;
        owner.addBytes(-freed);
    }

    void onDeleted() {
        owner.addBytes(-bytes);
        bytes = 0;
        records = 0;
    }

    int records() {
        return records;
    }
}
