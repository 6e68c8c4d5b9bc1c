package io.millrace.metadata.zookeeper;

import io.millrace.metadata.BrokerRegistration;
import io.millrace.metadata.BrokerStart;

/** The bytes of a {@code /brokers} znode. The broker epoch is the znode's creation transaction, so it is not among them. */
final class BrokerCodec {
    private static final int FORMAT = 2;

    private BrokerCodec() {}

    static byte[] encode(BrokerRegistration broker) {
        var out = new BinaryWriter().writeByte(FORMAT);
        out.writeString(broker.host()).writeUnsigned(broker.port());
        String rack = broker.rack();
        out.writeByte(rack == null ? 0 : 1).writeString(rack == null ? "" : rack);
        out.writeUuid(broker.incarnationId()).writeUnsigned(broker.start().number());
        return out.writeByte(broker.start().isUnclean() ? 1 : 0).toByteArray();
    }

    static BrokerRegistration decode(String what, int brokerId, byte[] bytes, long brokerEpoch) {
        var in = new BinaryReader(what, bytes);
        in.expectVersion(FORMAT);
        String host = in.readString();
        int port = in.readUnsignedInt();
        boolean hasRack = in.readByte() != 0;
        String rack = in.readString();
        var incarnationId = in.readUuid();
        var start = new BrokerStart(in.readUnsignedInt(), in.readByte() != 0);
        in.expectEnd();
        return new BrokerRegistration(brokerId, brokerEpoch, host, port, hasRack ? rack : null, incarnationId, start);
    }
}
