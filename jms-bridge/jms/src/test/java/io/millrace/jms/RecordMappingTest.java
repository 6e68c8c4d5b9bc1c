package io.millrace.jms;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.client.ConsumerRecord;
import io.millrace.client.ProducerRecord;
import io.millrace.client.QueueMessage;
import io.millrace.client.TopicPartition;
import io.millrace.record.RecordHeader;
import jakarta.jms.BytesMessage;
import jakarta.jms.DeliveryMode;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageFormatException;
import jakarta.jms.MessageNotWriteableException;
import jakarta.jms.TextMessage;
import java.util.Collections;
import java.util.Enumeration;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The table of the README, byte for byte. */
class RecordMappingTest {
    private static final long NOW_MS = 1_700_000_000_000L;

    @Test
    void aTextMessageIsItsUtf8AndOneMark() throws JMSException {
        var record = encode(sent(new MillraceTextMessage("Gr\u00fc\u00dfe")));

        assertThat(record.value()).isEqualTo("Gr\u00fc\u00dfe".getBytes(UTF_8));
        assertThat(record.key()).isNull();
        assertThat(record.partition()).isEqualTo(3);
        assertThat(record.timestampMs()).isEqualTo(NOW_MS);
        assertThat(text(record.headers())).containsExactly("JMS_Millrace_Body=text");
    }

    @Test
    void aBytesMessageIsItsBytes() throws JMSException {
        var message = new MillraceBytesMessage();
        message.writeInt(258);
        message.writeBytes(new byte[] {9, 8});

        var record = encode(sent(message));

        assertThat(record.value()).isEqualTo(new byte[] {0, 0, 1, 2, 9, 8});
        assertThat(text(record.headers())).containsExactly("JMS_Millrace_Body=bytes");
    }

    @Test
    void aMapAndAStreamAreCbor() throws JMSException {
        var map = new MillraceMapMessage();
        map.setInt("count", 5);
        map.setString("item", "tea");
        var stream = new MillraceStreamMessage();
        stream.writeInt(5);
        stream.writeString("tea");

        assertThat(hex(encode(sent(map)))).isEqualTo("a2" + "646974656d" + "63746561" + "65636f756e74" + "1a00000005");
        assertThat(text(encode(sent(map)).headers())).containsExactly("JMS_Millrace_Body=map");
        assertThat(hex(encode(sent(stream)))).isEqualTo("82" + "1a00000005" + "63746561");
        assertThat(text(encode(sent(stream)).headers())).containsExactly("JMS_Millrace_Body=stream");
    }

    @Test
    void anObjectIsItsSerialization() throws JMSException {
        var message = new MillraceObjectMessage();
        message.setObject("Hi");

        assertThat(hex(encode(sent(message)))).isEqualTo("aced0005" + "7400024869");
        assertThat(text(encode(sent(message)).headers())).containsExactly("JMS_Millrace_Body=object");
    }

    @Test
    void aBodyThatIsNotOfItsKindIsOneOfBytes() throws JMSException {
        for (String kind : List.of("map", "stream")) {
            var message = decode(foreign("no CBOR", header("JMS_Millrace_Body", kind)), ForeignBody.TEXT);

            assertThat(message.getBody(byte[].class)).isEqualTo("no CBOR".getBytes(UTF_8));
        }
    }

    @Test
    void aBodyOfAKindWithoutAValueIsEmpty() throws JMSException {
        for (String kind : List.of("map", "object")) {
            var record = new ConsumerRecord(
                    partition(), 42, 0, NOW_MS, null, null, List.of(header("JMS_Millrace_Body", kind)));

            assertThat(new MessageDecoder(ForeignBody.BYTES).decode(record).getBody(Object.class))
                    .isNull();
        }
    }

    @Test
    void aMessageWithoutABodyHasAnEmptyValueAsNoValueWouldBeATombstone() throws JMSException {
        var record = encode(sent(new MillraceMessage()));

        assertThat(record.value()).isEmpty();
        assertThat(text(record.headers())).containsExactly("JMS_Millrace_Body=none");
        assertThat(decode(record)).isNotInstanceOfAny(TextMessage.class, BytesMessage.class);
    }

    @Test
    void aTextMessageWithoutTextIsARecordWithoutAValue() throws JMSException {
        var record = encode(sent(new MillraceTextMessage(null)));

        assertThat(record.value()).isNull();
        assertThat(((TextMessage) decode(record)).getText()).isNull();
    }

    @Test
    void everyHeaderFieldThatIsNotTheDefaultIsAHeader() throws JMSException {
        var record = encode(withAllHeaderFields());

        assertThat(text(record.headers()))
                .containsExactly(
                        "JMS_Millrace_Body=text",
                        "JMSMessageID=ID:1",
                        "JMSCorrelationID=correlated",
                        "JMSReplyTo=queue:answers",
                        "JMSType=kind",
                        "JMSTimestamp=0",
                        "JMSDeliveryMode=NON_PERSISTENT",
                        "JMSPriority=9",
                        "JMSExpiration=1700000060000",
                        "JMSDeliveryTime=1700000001000",
                        "size=7",
                        "JMS_Millrace_Types=size:int");
    }

    @Test
    void everyHeaderFieldComesBack() throws JMSException {
        var received = decode(encode(withAllHeaderFields()));

        assertThat(received.getJMSMessageID()).isEqualTo("ID:1");
        assertThat(received.getJMSCorrelationID()).isEqualTo("correlated");
        assertThat(received.getJMSReplyTo()).isEqualTo(new MillraceQueue("answers"));
        assertThat(received.getJMSType()).isEqualTo("kind");
        assertThat(received.getJMSTimestamp()).isZero();
        assertThat(received.getJMSDeliveryMode()).isEqualTo(DeliveryMode.NON_PERSISTENT);
        assertThat(received.getJMSPriority()).isEqualTo(9);
        assertThat(received.getJMSExpiration()).isEqualTo(NOW_MS + 60_000);
        assertThat(received.getJMSDeliveryTime()).isEqualTo(NOW_MS + 1_000);
        assertThat(received.getJMSDestination()).isEqualTo(new MillraceTopic("orders"));
        assertThat(received.getIntProperty("size")).isEqualTo(7);
        assertThat(received.getObjectProperty("size")).isEqualTo(7);
    }

    @Test
    void theGroupIsTheKeyAndDecidesThePartition() throws JMSException {
        var message = sent(new MillraceTextMessage("a"));
        message.setStringProperty("JMSXGroupID", "customer-7");
        message.setIntProperty("JMSXGroupSeq", 2);

        var record = encode(message);

        assertThat(record.key()).isEqualTo("customer-7".getBytes(UTF_8));
        assertThat(record.partition()).isNull();
        assertThat(text(record.headers()))
                .containsExactly("JMS_Millrace_Body=text", "JMSXGroupSeq=2", "JMS_Millrace_Types=JMSXGroupSeq:int");
        assertThat(decode(record).getStringProperty("JMSXGroupID")).isEqualTo("customer-7");
        assertThat(decode(record).getIntProperty("JMSXGroupSeq")).isEqualTo(2);
    }

    @Test
    void binaryCorrelationIdsComeBackExactly() throws JMSException {
        var message = sent(new MillraceMessage());
        message.setJMSCorrelationIDAsBytes(new byte[] {0, (byte) 0xff});

        assertThat(decode(encode(message)).getJMSCorrelationIDAsBytes()).isEqualTo(new byte[] {0, (byte) 0xff});
    }

    @Test
    void aForeignRecordIsABytesMessageWithItsHeadersAsProperties() throws JMSException {
        var message = decode(foreign("v", header("city", "Rome"), header("trace-id", "7f")), ForeignBody.BYTES);

        assertThat(message.getBody(byte[].class)).isEqualTo("v".getBytes(UTF_8));
        assertThat(message.getStringProperty("city")).isEqualTo("Rome");
        assertThat(message.getStringProperty("trace-id")).isEqualTo("7f");
        assertThat(names(message)).contains("city").doesNotContain("trace-id");
        assertThat(message.getJMSMessageID()).isEqualTo("ID:orders-3@42");
        assertThat(message.getJMSTimestamp()).isEqualTo(NOW_MS);
        assertThat(message.getJMSDeliveryTime()).isEqualTo(NOW_MS);
        assertThat(message.getJMSPriority()).isEqualTo(4);
        assertThat(message.getJMSDeliveryMode()).isEqualTo(DeliveryMode.PERSISTENT);
    }

    @Test
    void aForeignRecordIsTextWhereItIsSaidToBeAndIsUtf8() throws JMSException {
        assertThat(decode(foreign("v"), ForeignBody.TEXT).getBody(String.class)).isEqualTo("v");

        var binary = new ConsumerRecord(partition(), 42, 0, NOW_MS, null, new byte[] {(byte) 0xff}, List.of());
        assertThat(new MessageDecoder(ForeignBody.TEXT).decode(binary)).isInstanceOf(BytesMessage.class);
    }

    @Test
    void binaryForeignHeadersReadAsHexadecimalDigits() throws JMSException {
        var record = new ConsumerRecord(
                partition(), 42, 0, NOW_MS, null, null, List.of(new RecordHeader("raw", new byte[] {(byte) 0xff, 1})));

        var message = new MessageDecoder(ForeignBody.BYTES).decode(record);

        assertThat(message.getStringProperty("raw")).isEqualTo("0xff01");
        assertThat(message.getObjectProperty("raw")).isEqualTo("0xff01");
        assertThatThrownBy(() -> message.getIntProperty("raw")).isInstanceOf(MessageFormatException.class);
    }

    @Test
    void nonsenseUnderReservedNamesGivesTheDefaults() throws JMSException {
        var message = decode(
                foreign(
                        "v",
                        header("JMSPriority", "high"),
                        header("JMSExpiration", ""),
                        header("JMSReplyTo", "nowhere"),
                        header("JMS_Millrace_Body", "song")),
                ForeignBody.BYTES);

        assertThat(message.getJMSPriority()).isEqualTo(4);
        assertThat(message.getJMSExpiration()).isZero();
        assertThat(message.getJMSReplyTo()).isNull();
        assertThat(message).isInstanceOf(BytesMessage.class);
    }

    @Test
    void aQueuesDeliveryCountIsTheRedeliveredFlag() throws JMSException {
        var decoder = new MessageDecoder(ForeignBody.BYTES);

        var first = decoder.decode(new QueueMessage(partition(), 1, 1, 1, NOW_MS, null, null, List.of()));
        var third = decoder.decode(new QueueMessage(partition(), 1, 3, 2, NOW_MS, null, null, List.of()));

        assertThat(first.getJMSRedelivered()).isFalse();
        assertThat(first.getIntProperty("JMSXDeliveryCount")).isEqualTo(1);
        assertThat(first.getJMSDestination()).isEqualTo(new MillraceQueue("orders"));
        assertThat(third.getJMSRedelivered()).isTrue();
        assertThat(third.getIntProperty("JMSXDeliveryCount")).isEqualTo(3);
    }

    @Test
    void aReceivedMessageIsReadOnlyUntilItIsCleared() throws JMSException {
        var message = (TextMessage) decode(encode(sent(new MillraceTextMessage("a"))));

        assertThatThrownBy(() -> message.setText("b")).isInstanceOf(MessageNotWriteableException.class);
        assertThatThrownBy(() -> message.setIntProperty("a", 1)).isInstanceOf(MessageNotWriteableException.class);
        message.clearBody();
        message.setText("b");
        assertThatThrownBy(() -> message.setIntProperty("a", 1)).isInstanceOf(MessageNotWriteableException.class);
        message.clearProperties();
        message.setIntProperty("a", 1);
        assertThat(message.getText()).isEqualTo("b");
    }

    @Test
    void aForwardedForeignRecordKeepsItsHeaders() throws JMSException {
        var received = (MillraceMessage) decode(foreign("v", header("trace-id", "7f")), ForeignBody.BYTES);

        var record = encode(received);

        assertThat(text(record.headers())).contains("trace-id=7f").noneMatch(header -> header.contains("Count"));
    }

    @Test
    void expirationIsAPointInTime() throws JMSException {
        var message = new MillraceMessage();
        message.setJMSExpiration(NOW_MS);

        assertThat(MessageDecoder.isExpired(message, NOW_MS - 1)).isFalse();
        assertThat(MessageDecoder.isExpired(message, NOW_MS)).isTrue();
        message.setJMSExpiration(0);
        assertThat(MessageDecoder.isExpired(message, NOW_MS)).isFalse();
    }

    private static MillraceMessage withAllHeaderFields() throws JMSException {
        var message = sent(new MillraceTextMessage("a"));
        message.setJMSMessageID("ID:1");
        message.setJMSCorrelationID("correlated");
        message.setJMSReplyTo(new MillraceQueue("answers"));
        message.setJMSType("kind");
        message.setJMSTimestamp(0);
        message.setJMSDeliveryMode(DeliveryMode.NON_PERSISTENT);
        message.setJMSPriority(9);
        message.setJMSExpiration(NOW_MS + 60_000);
        message.setJMSDeliveryTime(NOW_MS + 1_000);
        message.setIntProperty("size", 7);
        return message;
    }

    @SuppressWarnings("unchecked") // the specification's signature is raw
    private static List<String> names(Message message) throws JMSException {
        return Collections.list((Enumeration<String>) message.getPropertyNames());
    }

    private static MillraceMessage sent(MillraceMessage message) {
        message.setJMSTimestamp(NOW_MS);
        message.setJMSDeliveryTime(NOW_MS);
        return message;
    }

    private static ProducerRecord encode(MillraceMessage message) throws JMSException {
        return RecordEncoder.encode(message, "orders", 3, NOW_MS);
    }

    private static Message decode(ProducerRecord record) {
        return new MessageDecoder(ForeignBody.BYTES)
                .decode(new ConsumerRecord(partition(), 42, 0, NOW_MS, record.key(), record.value(), record.headers()));
    }

    private static Message decode(ConsumerRecord record, ForeignBody foreignBody) {
        return new MessageDecoder(foreignBody).decode(record);
    }

    private static ConsumerRecord foreign(String value, RecordHeader... headers) {
        return new ConsumerRecord(partition(), 42, 0, NOW_MS, null, value.getBytes(UTF_8), List.of(headers));
    }

    private static RecordHeader header(String name, String value) {
        return new RecordHeader(name, value.getBytes(UTF_8));
    }

    private static TopicPartition partition() {
        return new TopicPartition("orders", 3);
    }

    private static String hex(ProducerRecord record) {
        return HexFormat.of().formatHex(record.value());
    }

    private static List<String> text(List<RecordHeader> headers) {
        return headers.stream()
                .map(header -> header.key() + "=" + new String(header.value(), UTF_8))
                .toList();
    }
}
