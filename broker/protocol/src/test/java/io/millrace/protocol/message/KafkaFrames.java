package io.millrace.protocol.message;

import java.nio.ByteBuffer;
import org.apache.kafka.common.message.ApiMessageType;
import org.apache.kafka.common.message.RequestHeaderData;
import org.apache.kafka.common.message.ResponseHeaderData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.ObjectSerializationCache;

/** Whole frames as kafka-clients writes and reads them. */
final class KafkaFrames {
    static final int CORRELATION_ID = 4711;
    static final String CLIENT_ID = "sample";

    private KafkaFrames() {}

    /** A direction of one API in one version. */
    record Kind(ApiKey api, boolean request, int version) {
        short kafkaVersion() {
            return (short) version;
        }

        private ApiMessageType type() {
            return ApiMessageType.fromApiKey(api.id());
        }

        ApiMessage empty() {
            return request ? type().newRequest() : type().newResponse();
        }

        short headerVersion() {
            return request ? type().requestHeaderVersion(kafkaVersion()) : type().responseHeaderVersion(kafkaVersion());
        }
    }

    static byte[] write(Kind kind, ApiMessage message) {
        var cache = new ObjectSerializationCache();
        ApiMessage header = header(kind);
        int headerSize = header.size(cache, kind.headerVersion());
        int size = headerSize + message.size(cache, kind.kafkaVersion());
        var out = ByteBuffer.allocate(Integer.BYTES + size);
        out.putInt(size);
        header.write(new ByteBufferAccessor(out), cache, kind.headerVersion());
        message.write(new ByteBufferAccessor(out), cache, kind.kafkaVersion());
        return out.array();
    }

    static ApiMessage read(Kind kind, byte[] frame) {
        var in = new ByteBufferAccessor(ByteBuffer.wrap(frame));
        in.readInt();
        ApiMessage header = header(kind);
        header.read(in, kind.headerVersion());
        ApiMessage message = kind.empty();
        message.read(in, kind.kafkaVersion());
        return message;
    }

    private static ApiMessage header(Kind kind) {
        return kind.request()
                ? new RequestHeaderData()
                        .setRequestApiKey(ApiKeys.forId(kind.api().id()).id)
                        .setRequestApiVersion(kind.kafkaVersion())
                        .setCorrelationId(CORRELATION_ID)
                        .setClientId(CLIENT_ID)
                : new ResponseHeaderData().setCorrelationId(CORRELATION_ID);
    }
}
