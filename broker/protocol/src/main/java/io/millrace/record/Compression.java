package io.millrace.record;

import com.github.luben.zstd.RecyclingBufferPool;
import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import com.github.luben.zstd.ZstdOutputStreamNoFinalizer;
import io.millrace.record.InvalidRecordException.Reason;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufInputStream;
import io.netty.buffer.ByteBufOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.Locale;
import java.util.zip.Deflater;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import net.jpountz.lz4.LZ4Factory;
import net.jpountz.lz4.LZ4FrameOutputStream;
import net.jpountz.lz4.LZ4FrameOutputStream.BLOCKSIZE;
import net.jpountz.lz4.LZ4FrameOutputStream.FLG;
import net.jpountz.xxhash.XXHashFactory;
import org.xerial.snappy.SnappyOutputStream;

/**
 * The codecs of record batches, in the order of their numbers in a batch's attributes.
 *
 * <p>Safe for threads. What is unpacked lives on the heap, so that nobody needs to release it.
 */
public enum Compression {
    NONE(0) {
        @Override
        OutputStream packing(OutputStream target, int level) {
            return target;
        }

        @Override
        ByteBuf unpack(ByteBuf source, UnpackedBytes target) {
            return source;
        }
    },
    GZIP(1) {
        @Override
        OutputStream packing(OutputStream target, int level) throws IOException {
            return new LevelledGzip(target, level == DEFAULT_LEVEL ? Deflater.DEFAULT_COMPRESSION : level);
        }

        @Override
        ByteBuf unpack(ByteBuf source, UnpackedBytes target) throws IOException, InvalidRecordException {
            try (InputStream packed = new GZIPInputStream(new ByteBufInputStream(source), STREAM_BUFFER_BYTES)) {
                return target.readAll(packed).toByteBuf();
            }
        }
    },
    /** Framed as snappy-java does, which Kafka's clients expect; a bare block is read too, as librdkafka writes it. */
    SNAPPY(2) {
        @Override
        OutputStream packing(OutputStream target, int level) {
            return new SnappyOutputStream(target);
        }

        @Override
        ByteBuf unpack(ByteBuf source, UnpackedBytes target) throws IOException, InvalidRecordException {
            SnappyFraming.unpack(source, target);
            return target.toByteBuf();
        }
    },
    /** The LZ4 frame format with blocks that do not refer to each other. */
    LZ4(3) {
        @Override
        OutputStream packing(OutputStream target, int level) throws IOException {
            if (level == DEFAULT_LEVEL) {
                return new LZ4FrameOutputStream(target, BLOCKSIZE.SIZE_64KB, FLG.Bits.BLOCK_INDEPENDENCE);
            }
            return new LZ4FrameOutputStream(
                    target,
                    BLOCKSIZE.SIZE_64KB,
                    UNKNOWN_SIZE,
                    LZ4Factory.fastestInstance().highCompressor(level),
                    XXHashFactory.fastestInstance().hash32(),
                    FLG.Bits.BLOCK_INDEPENDENCE);
        }

        @Override
        ByteBuf unpack(ByteBuf source, UnpackedBytes target) throws InvalidRecordException {
            Lz4Framing.unpack(source, target);
            return target.toByteBuf();
        }
    },
    ZSTD(4) {
        @Override
        OutputStream packing(OutputStream target, int level) throws IOException {
            return level == DEFAULT_LEVEL
                    ? new ZstdOutputStreamNoFinalizer(target, RecyclingBufferPool.INSTANCE)
                    : new ZstdOutputStreamNoFinalizer(target, RecyclingBufferPool.INSTANCE, level);
        }

        @Override
        ByteBuf unpack(ByteBuf source, UnpackedBytes target) throws IOException, InvalidRecordException {
            try (InputStream packed =
                    new ZstdInputStreamNoFinalizer(new ByteBufInputStream(source), RecyclingBufferPool.INSTANCE)) {
                return target.readAll(packed).toByteBuf();
            }
        }
    };

    /** How hard a codec tries where nobody says so. */
    public static final int DEFAULT_LEVEL = Integer.MIN_VALUE;

    private static final int STREAM_BUFFER_BYTES = 8 * 1024;
    private static final long UNKNOWN_SIZE = -1;
    private static final Compression[] BY_ID = values();

    private final int id;

    Compression(int id) {
        this.id = id;
    }

    /** The number of this codec in the attributes of a batch. */
    public int id() {
        return id;
    }

    /** The name of this codec in {@code compression.type}. */
    public String configName() {
        return name().toLowerCase(Locale.ROOT);
    }

    public static Compression ofId(int id) throws InvalidRecordException {
        if (id < 0 || id >= BY_ID.length) {
            throw new InvalidRecordException(
                    Reason.UNSUPPORTED_COMPRESSION,
                    "There is no compression codec " + id + "; known are 0 to " + (BY_ID.length - 1));
        }
        return BY_ID[id];
    }

    public static Compression ofConfigName(String name) {
        for (Compression compression : BY_ID) {
            if (compression.configName().equals(name)) {
                return compression;
            }
        }
        throw new IllegalArgumentException(
                "compression.type is \"" + name + "\"; it must be none, gzip, snappy, lz4 or zstd");
    }

    /** Appends the packed form of the readable bytes of a source; the source's indexes stay. */
    public void compress(ByteBuf source, ByteBuf target) {
        compress(source, target, DEFAULT_LEVEL);
    }

    /**
     * As {@link #compress(ByteBuf, ByteBuf)}.
     *
     * @param level how hard the codec tries, in its own numbers, or {@link #DEFAULT_LEVEL}; snappy has none
     */
    public void compress(ByteBuf source, ByteBuf target, int level) {
        if (this == NONE) {
            target.writeBytes(source, source.readerIndex(), source.readableBytes());
            return;
        }
        try (OutputStream packing = packing(new ByteBufOutputStream(target), level)) {
            source.getBytes(source.readerIndex(), packing, source.readableBytes());
        } catch (IOException e) {
            throw new UncheckedIOException("A stream in memory failed; " + configName() + " could not pack", e);
        }
    }

    /**
     * The unpacked form of the readable bytes of a source: heap memory, or for {@link #NONE} a slice of the source.
     *
     * @throws InvalidRecordException when the bytes are not of this codec or would unpack to more than the bound
     */
    public ByteBuf decompress(ByteBuf source, int bytesMax) throws InvalidRecordException {
        if (this == NONE) {
            return source.slice();
        }
        UnpackedBytes target = new UnpackedBytes(source.readableBytes(), bytesMax);
        try {
            return unpack(source.slice(), target);
        } catch (IOException e) {
            throw new InvalidRecordException(
                    Reason.CORRUPT,
                    "A batch of " + source.readableBytes() + " bytes is not packed with " + configName() + ": "
                            + e.getMessage(),
                    e);
        }
    }

    abstract OutputStream packing(OutputStream target, int level) throws IOException;

    abstract ByteBuf unpack(ByteBuf source, UnpackedBytes target) throws IOException, InvalidRecordException;

    /** The stream of the JDK has no constructor that takes a level. */
    private static final class LevelledGzip extends GZIPOutputStream {
        LevelledGzip(OutputStream target, int level) throws IOException {
            super(target, STREAM_BUFFER_BYTES);
            def.setLevel(level);
        }
    }
}
