package io.millrace.protocol.wire;

import static io.millrace.protocol.wire.Type.*;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.protocol.ErrorCode;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.util.Collections;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SchemaTest {
    record Inner(int number) {
        static final Schema<Inner> SCHEMA =
                Schema.of(Inner.class).field("number", INT32).build();
    }

    record Everything(
            boolean bool,
            byte int8,
            short int16,
            int uint16,
            int int32,
            long int64,
            double float64,
            UUID uuid,
            ErrorCode errorCode,
            String string,
            String nullableString,
            Bytes bytes,
            Bytes nullableBytes,
            Inner struct,
            Inner nullableStruct,
            List<Inner> structs,
            List<Inner> nullableStructs,
            List<Short> shorts,
            List<Long> longs,
            List<String> strings,
            List<UUID> uuids,
            List<String> nullableStrings) {
        static final Schema<Everything> SCHEMA = Schema.of(Everything.class)
                .field("bool", BOOL)
                .field("int8", INT8)
                .field("int16", INT16)
                .field("uint16", UINT16)
                .field("int32", INT32)
                .field("int64", INT64)
                .field("float64", FLOAT64)
                .field("uuid", UUID)
                .field("errorCode", ERROR_CODE)
                .field("string", STRING)
                .field("nullableString", NULLABLE_STRING)
                .field("bytes", BYTES)
                .field("nullableBytes", NULLABLE_BYTES)
                .field("struct", Type.struct(Inner.SCHEMA, new Inner(0)))
                .field("nullableStruct", Type.nullableStruct(Inner.SCHEMA))
                .field("structs", listOf(Inner.SCHEMA))
                .field("nullableStructs", nullableListOf(Inner.SCHEMA))
                .field("shorts", listOf(INT16))
                .field("longs", listOf(INT64))
                .field("strings", listOf(STRING))
                .field("uuids", listOf(UUID))
                .field("nullableStrings", nullableListOf(NULLABLE_STRING))
                .build();
    }

    private static Everything full() {
        return new Everything(
                true,
                (byte) -1,
                (short) -2,
                0xfffe,
                -3,
                -4L,
                2.5,
                new UUID(1, 2),
                ErrorCode.NOT_LEADER_OR_FOLLOWER,
                "häuser",
                "x",
                Bytes.copyOf(new byte[] {1, 2}),
                Bytes.copyOf(new byte[] {3}),
                new Inner(5),
                new Inner(6),
                List.of(new Inner(7), new Inner(8)),
                List.of(new Inner(9)),
                List.of((short) 10, (short) -11),
                List.of(12L),
                List.of("", "y"),
                List.of(new UUID(13, 14)),
                Collections.singletonList(null));
    }

    private static Everything empty() {
        return new Everything(
                false,
                (byte) 0,
                (short) 0,
                0,
                0,
                0L,
                0.0,
                new UUID(0, 0),
                ErrorCode.NONE,
                "",
                null,
                Bytes.EMPTY,
                null,
                new Inner(0),
                null,
                List.of(),
                null,
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                null);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void everyTypeIsReadAsItWasWritten(boolean flexible) {
        assertThat(writtenAndRead(full(), flexible)).isEqualTo(full());
        assertThat(writtenAndRead(empty(), flexible)).isEqualTo(empty());
    }

    private static Everything writtenAndRead(Everything value, boolean flexible) {
        ByteBuf buffer = Unpooled.buffer();
        Everything.SCHEMA.write(new Writer(buffer, 0, flexible), value);
        Everything read = Everything.SCHEMA.read(new Reader(buffer, 0, flexible));
        assertThat(buffer.isReadable()).isFalse();
        return read;
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aFrameCutAnywhereIsRefused(boolean flexible) {
        ByteBuf buffer = Unpooled.buffer();
        Everything.SCHEMA.write(new Writer(buffer, 0, flexible), full());

        for (int length = 0; length < buffer.readableBytes(); length++) {
            var in = new Reader(buffer.slice(0, length), 0, flexible);
            assertThatThrownBy(() -> Everything.SCHEMA.read(in)).isInstanceOf(MalformedMessageException.class);
        }
    }

    record Versioned(int always, int since2, String until1, int tagged) {
        static final Schema<Versioned> SCHEMA = Schema.of(Versioned.class)
                .field("always", INT32)
                .field("since2", INT32.since(2).orElse(-1).required())
                .field("until1", STRING.until(1))
                .field("tagged", INT32.since(2).tag(3).orElse(-1))
                .build();
    }

    @Test
    void aFieldThatAVersionLacksIsReadAsItsDefault() {
        ByteBuf buffer = Unpooled.buffer().writeInt(7).writeShort(1).writeByte('x');

        var read = Versioned.SCHEMA.read(new Reader(buffer, 1, false));

        assertThat(read).isEqualTo(new Versioned(7, -1, "x", -1));
    }

    @Test
    void aFieldThatAVersionLacksIsDroppedOnWriting() {
        ByteBuf buffer = Unpooled.buffer();

        Versioned.SCHEMA.write(new Writer(buffer, 1, false), new Versioned(7, -1, "x", 9));

        assertThat(ByteBufUtil.hexDump(buffer)).isEqualTo("00000007" + "0001" + "78");
    }

    @Test
    void aRequiredFieldThatAVersionLacksIsAMistakeUnlessItHasItsDefault() {
        var writer = new Writer(Unpooled.buffer(), 1, false);

        assertThatThrownBy(() -> Versioned.SCHEMA.write(writer, new Versioned(7, 8, "", -1)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("Versioned.since2 is 8, which version 1 cannot carry");
    }

    @Test
    void aTaggedFieldIsSentOnlyIfItDiffersFromItsDefault() {
        ByteBuf without = Unpooled.buffer();
        ByteBuf with = Unpooled.buffer();

        Versioned.SCHEMA.write(new Writer(without, 2, true), new Versioned(7, 8, "", -1));
        Versioned.SCHEMA.write(new Writer(with, 2, true), new Versioned(7, 8, "", 9));

        assertThat(ByteBufUtil.hexDump(without)).isEqualTo("00000007" + "00000008" + "00");
        assertThat(ByteBufUtil.hexDump(with)).isEqualTo("00000007" + "00000008" + "01" + "0304" + "00000009");
    }

    @Test
    void anUnknownTagIsSkipped() {
        ByteBuf buffer =
                Unpooled.wrappedBuffer(ByteBufUtil.decodeHexDump("0000000700000008" + "02" + "0102abcd030400000009"));

        var read = Versioned.SCHEMA.read(new Reader(buffer, 2, true));

        assertThat(read).isEqualTo(new Versioned(7, 8, "", 9));
    }

    @Test
    void aTaggedValueThatRunsOverItsSizeIsRefused() {
        ByteBuf buffer = Unpooled.wrappedBuffer(ByteBufUtil.decodeHexDump("0000000700000008" + "01" + "030100000009"));

        assertThatThrownBy(() -> Versioned.SCHEMA.read(new Reader(buffer, 2, true)))
                .isInstanceOf(MalformedMessageException.class)
                .hasMessageContaining("tagged field");
    }

    record Named(String name) {
        static final Schema<Named> SCHEMA = Schema.of(Named.class)
                .field("name", NULLABLE_STRING.nullableSince(2, "-"))
                .build();
    }

    @Test
    void aNullIsSentAsItsStandInByAVersionThatHasNone() {
        ByteBuf before = Unpooled.buffer();
        ByteBuf since = Unpooled.buffer();

        Named.SCHEMA.write(new Writer(before, 1, false), new Named(null));
        Named.SCHEMA.write(new Writer(since, 2, false), new Named(null));

        assertThat(ByteBufUtil.hexDump(before)).isEqualTo("0001" + "2d");
        assertThat(ByteBufUtil.hexDump(since)).isEqualTo("ffff");
    }

    record Hollow() {
        static final Schema<Hollow> SCHEMA = Schema.of(Hollow.class).build();
    }

    record Shell(List<Hollow> hollows) {
        static final Schema<Shell> SCHEMA =
                Schema.of(Shell.class).field("hollows", listOf(Hollow.SCHEMA)).build();
    }

    @Test
    void aListOfEmptyStructuresCannotBeLongerThanTheFrame() {
        ByteBuf buffer = Unpooled.buffer().writeInt(1_000_000).writeZero(100);

        assertThatThrownBy(() -> Shell.SCHEMA.read(new Reader(buffer, 0, false)))
                .isInstanceOf(MalformedMessageException.class);
    }

    record Pair(String first, String second) {}

    @Test
    void aSchemaThatDiffersFromItsRecordIsAMistake() {
        var swapped = Schema.of(Pair.class).field("second", STRING).field("first", STRING);
        var mistyped = Schema.of(Pair.class).field("first", STRING).field("second", INT32);
        var short1 = Schema.of(Pair.class).field("first", STRING);
        var tagFirst = Schema.of(Pair.class).field("first", STRING.tag(0)).field("second", STRING);

        assertThatThrownBy(swapped::build).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(mistyped::build).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(short1::build).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(tagFirst::build).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void aStringThatTheProtocolCannotCarryIsAMistake() {
        var tooLong = new Pair("x".repeat(Reader.STRING_BYTES_MAX + 1), "");
        var schema = Schema.of(Pair.class)
                .field("first", STRING)
                .field("second", STRING)
                .build();

        assertThatThrownBy(() -> schema.write(new Writer(Unpooled.buffer(), 0, false), tooLong))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("32768");
    }

    @Test
    void aNullWhereAValueIsRequiredIsRefused() {
        var schema = Schema.of(Pair.class)
                .field("first", STRING)
                .field("second", STRING)
                .build();
        ByteBuf buffer = Unpooled.buffer().writeShort(-1).writeShort(0);

        assertThatThrownBy(() -> schema.read(new Reader(buffer, 0, false)))
                .isInstanceOf(MalformedMessageException.class);
    }

    @Test
    void aCopyDiffersInOneField() {
        record Pair(int number, String text) {
            static final Schema<Pair> SCHEMA = Schema.of(Pair.class)
                    .field("number", INT32)
                    .field("text", STRING)
                    .build();
        }
        var pair = new Pair(1, "a");

        assertThat(Pair.SCHEMA.with(pair, "number", 2)).isEqualTo(new Pair(2, "a"));
        assertThat(Pair.SCHEMA.with(pair, "text", "b")).isEqualTo(new Pair(1, "b"));
        assertThatThrownBy(() -> Pair.SCHEMA.with(pair, "nothing", 2)).hasMessageContaining("no field nothing");
        assertThatThrownBy(() -> Pair.SCHEMA.with(pair, "number", "2")).isInstanceOf(IllegalArgumentException.class);
    }
}
