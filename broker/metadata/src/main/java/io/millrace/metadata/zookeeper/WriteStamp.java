package io.millrace.metadata.zookeeper;

/**
 * Who wrote a znode, and in which operation: lets a controller recognise its own write when the connection broke before the answer.
 */
record WriteStamp(int controllerEpoch, long operationId) {
    void writeTo(BinaryWriter out) {
        out.writeUnsigned(controllerEpoch).writeLong(operationId);
    }

    static WriteStamp readFrom(BinaryReader in) {
        return new WriteStamp(in.readUnsignedInt(), in.readLong());
    }
}
