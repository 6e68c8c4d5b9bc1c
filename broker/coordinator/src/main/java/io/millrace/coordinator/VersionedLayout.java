package io.millrace.coordinator;

import io.millrace.protocol.wire.Bytes;
import io.millrace.protocol.wire.MalformedMessageException;
import io.millrace.protocol.wire.Reader;
import io.millrace.protocol.wire.Schema;
import io.millrace.protocol.wire.Writer;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;

/**
 * The layout of a key or a value in a coordinator's log: two bytes that tell its version, then the fields of that
 * version.
 *
 * @param schema the fields in every version
 * @param flexibleSince the first version with tagged fields; those before have none and count strings with two bytes
 * @param newestVersion the highest version that can be read
 */
public record VersionedLayout<T extends Record>(Schema<T> schema, short flexibleSince, short newestVersion) {

    /** The version that bytes begin with. */
    public static short versionOf(Bytes bytes) {
        if (bytes.size() < Short.BYTES) {
            throw new MalformedMessageException(
                    "A key or value of " + bytes.size() + " bytes; at least the two of its version were expected");
        }
        return Unpooled.wrappedBuffer(bytes.toByteArray()).readShort();
    }

    public Bytes write(short version, T value) {
        ByteBuf out = Unpooled.buffer();
        out.writeShort(version);
        schema.write(new Writer(out, version, version >= flexibleSince), value);
        return Bytes.consume(ByteBufUtil.getBytes(out));
    }

    /** @throws MalformedMessageException where the version is newer than known, or the bytes do not follow it */
    public T read(Bytes bytes) {
        short version = versionOf(bytes);
        if (version < 0 || version > newestVersion) {
            throw new MalformedMessageException("A key or value has version " + version + "; this broker reads 0 to "
                    + newestVersion + ". A newer one may have written it");
        }
        ByteBuf in = Unpooled.wrappedBuffer(bytes.toByteArray());
        in.skipBytes(Short.BYTES);
        return schema.read(new Reader(in, version, version >= flexibleSince));
    }
}
