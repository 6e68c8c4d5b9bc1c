package io.millrace.metadata.zookeeper;

/** The bytes of {@code /controller} and {@code /controller_epoch}. */
final class ControllerCodec {
    private static final int FORMAT = 1;
    /** Written by the one who lays out the tree: nobody was elected yet. */
    private static final int NOBODY = -1;

    /** Who was elected, in which epoch, by which operation. */
    record Election(int brokerId, WriteStamp stamp) {
        static final Election NONE = new Election(NOBODY, new WriteStamp(0, 0));

        int controllerEpoch() {
            return stamp.controllerEpoch();
        }
    }

    private ControllerCodec() {}

    static byte[] encode(Election election) {
        var out = new BinaryWriter().writeByte(FORMAT).writeUnsigned(election.brokerId() + 1L);
        election.stamp().writeTo(out);
        return out.toByteArray();
    }

    static Election decode(String what, byte[] bytes) {
        var in = new BinaryReader(what, bytes);
        in.expectVersion(FORMAT);
        int brokerId = in.readUnsignedInt() - 1;
        var stamp = WriteStamp.readFrom(in);
        in.expectEnd();
        return new Election(brokerId, stamp);
    }
}
