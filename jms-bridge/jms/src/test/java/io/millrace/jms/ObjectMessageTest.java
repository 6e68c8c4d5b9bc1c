package io.millrace.jms;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.jms.JMSException;
import jakarta.jms.MessageFormatException;
import jakarta.jms.MessageNotWriteableException;
import jakarta.jms.ObjectMessage;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectStreamConstants;
import java.io.Serializable;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Chapter 3.11.3: messages of objects; and whose objects are read. */
class ObjectMessageTest {
    private static final String HERE = "io.millrace.jms.ObjectMessageTest$";

    record Order(String item, int quantity, List<Line> lines) implements Serializable {}

    record Line(String text) implements Serializable {}

    enum Colour {
        RED
    }

    static class Gadget extends HashMap<String, String> {
        static final AtomicInteger READ = new AtomicInteger();
        private static final long serialVersionUID = 1;

        private void readObject(ObjectInputStream in) {
            READ.incrementAndGet();
        }
    }

    static class Base implements Serializable {
        private static final long serialVersionUID = 1;
    }

    static final class Derived extends Base {
        private static final long serialVersionUID = 1;
    }

    static final class Handler implements InvocationHandler, Serializable {
        private static final long serialVersionUID = 1;

        @Override
        public Object invoke(Object proxy, java.lang.reflect.Method method, Object[] arguments) {
            return null;
        }
    }

    private final MillraceObjectMessage message = new MillraceObjectMessage();

    @Test
    void theObjectIsKeptAsItWasWhenItWasSet() throws JMSException {
        var list = new ArrayList<>(List.of("a"));
        message.setObject(list);
        list.add("b");

        assertThat(message.getObject()).isEqualTo(List.of("a")).isNotSameAs(message.getObject());
        message.setObject(null);
        assertThat(message.getObject()).isNull();
        assertThat(Records.received(message).getObject()).isNull();
        assertThat(Records.record(message).value()).isNull();
    }

    @Test
    void whatIsPermittedIsReadWithAllItsParts() throws JMSException {
        var order = new Order("tea", 2, new ArrayList<>(List.of(new Line("black"))));
        message.setObject(order);

        var allowed = ObjectAllowList.parse(HERE + "Order, " + HERE + "Line, java.util.ArrayList");
        assertThat(Records.received(message, allowed).getObject()).isEqualTo(order);
        assertThat(Records.received(message, ObjectAllowList.parse("io.millrace.jms.*,java.util.*"))
                        .getObject())
                .isEqualTo(order);
        assertThat(Records.received(message, ObjectAllowList.parse("*")).getObject())
                .isEqualTo(order);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                HERE + "Order",
                HERE + "Order,java.util.*",
                HERE + "Line,java.util.*",
                "io.millrace.*,java.util.*",
                "io.millrace.jms.ObjectMessageTest"
            })
    void aClassThatIsNotOnTheListIsRefusedByName(String list) throws JMSException {
        message.setObject(new Order("tea", 2, new ArrayList<>(List.of(new Line("black")))));

        var received = Records.received(message, ObjectAllowList.parse(list));

        assertThatThrownBy(received::getObject)
                .isInstanceOf(MessageFormatException.class)
                .hasMessageContaining("is not permitted by objectAllowList, which is '" + list + "'");
        assertThat(received.isBodyAssignableTo(Order.class)).isFalse();
        assertThatThrownBy(() -> received.getBody(Order.class)).isInstanceOf(MessageFormatException.class);
    }

    @Test
    void valuesWithoutBehaviourNeedNoMention() throws JMSException {
        for (Serializable value : new Serializable[] {
            "text",
            1,
            2L,
            'c',
            true,
            1.5,
            (byte) 1,
            new int[] {1},
            new long[2][3],
            new String[] {"a"},
            new Integer[] {1},
            new Object[] {"a", 1}
        }) {
            message.setObject(value);
            assertThat(Records.received(message).getObject()).isEqualTo(value);
        }
    }

    @Test
    void anArrayIsReadWhereItsElementsAre() throws JMSException {
        message.setObject(new Line[][] {{new Line("a")}});

        var refused = Records.received(message);
        assertThatThrownBy(refused::getObject).hasMessageContaining("Line");
        assertThat((Object[][]) Records.received(message, ObjectAllowList.parse(HERE + "Line"))
                        .getObject())
                .isDeepEqualTo(new Line[][] {{new Line("a")}});
        message.setObject(new Object[] {new Line("a")});
        var inDisguise = Records.received(message);
        assertThatThrownBy(inDisguise::getObject).hasMessageContaining("Line");
    }

    @Test
    void enumsAndSuperclassesAreJudgedByTheirOwnNames() throws JMSException {
        message.setObject(Colour.RED);
        assertThat(Records.received(message, ObjectAllowList.parse(HERE + "Colour"))
                        .getObject())
                .isEqualTo(Colour.RED);
        var refused = Records.received(message);
        assertThatThrownBy(refused::getObject).hasMessageContaining("Colour");

        message.setObject(new Derived());
        var withoutBase = Records.received(message, ObjectAllowList.parse(HERE + "Derived"));
        assertThatThrownBy(withoutBase::getObject).hasMessageContaining(HERE + "Base");
    }

    @Test
    void nothingOfAGadgetRuns() throws JMSException {
        Gadget.READ.set(0);
        message.setObject(new Gadget());
        var alone = Records.received(message, ObjectAllowList.parse("java.util.**"));
        assertThatThrownBy(alone::getObject).hasMessageContaining(Gadget.class.getName());

        var hidden = new HashMap<String, Object>();
        hidden.put("a", new Object[] {"b", new Gadget()});
        message.setObject(hidden);
        var inside = Records.received(message, ObjectAllowList.parse("java.util.**"));
        assertThatThrownBy(inside::getObject).hasMessageContaining(Gadget.class.getName());

        assertThat(Gadget.READ).hasValue(0);
    }

    @Test
    void dynamicProxiesAreRefusedWhateverTheList() throws JMSException {
        message.setObject((Serializable) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {Runnable.class, Serializable.class}, new Handler()));

        var received = Records.received(message, ObjectAllowList.parse("*"));

        assertThatThrownBy(received::getObject)
                .isInstanceOf(MessageFormatException.class)
                .hasMessageContaining("dynamic proxy of java.lang.Runnable");
    }

    @Test
    void collectionsOfAnySizeThatTheirBytesFillAreRead() throws JMSException {
        var set = new HashSet<Integer>();
        var map = new HashMap<String, Integer>();
        for (int i = 0; i < 20_000; i++) {
            set.add(i);
            map.put("key " + i, i);
        }
        message.setObject(new ArrayList<>(List.of(set, map, new HashSet<>(), new HashMap<>(), new ArrayList<>(set))));

        assertThat(Records.received(message, ObjectAllowList.parse("java.util.*"))
                        .getObject())
                .isEqualTo(message.getObject());
    }

    @Test
    void depthIsBounded() throws JMSException {
        assertThat(nested(100).getObject()).isInstanceOf(Object[].class);
        var deep = nested(300);
        assertThatThrownBy(deep::getObject)
                .isInstanceOf(MessageFormatException.class)
                .hasMessageContaining("200 objects deep");
        assertThatThrownBy(() -> nested(1_000_000)).isInstanceOf(MessageFormatException.class);
    }

    private ObjectMessage nested(int depth) throws JMSException {
        Object[] innermost = {"a"};
        for (int i = 0; i < depth; i++) {
            innermost = new Object[] {innermost};
        }
        message.setObject(innermost);
        return Records.received(message);
    }

    @Test
    void arraysThatTheirBytesCannotFillAreNotMade() throws IOException {
        var bytes = new ByteArrayOutputStream();
        try (var out = new DataOutputStream(bytes)) {
            out.writeShort(ObjectStreamConstants.STREAM_MAGIC);
            out.writeShort(ObjectStreamConstants.STREAM_VERSION);
            out.writeByte(ObjectStreamConstants.TC_ARRAY);
            out.writeByte(ObjectStreamConstants.TC_CLASSDESC);
            out.writeUTF("[J");
            out.writeLong(8655923659555304851L);
            out.writeByte(ObjectStreamConstants.SC_SERIALIZABLE);
            out.writeShort(0);
            out.writeByte(ObjectStreamConstants.TC_ENDBLOCKDATA);
            out.writeByte(ObjectStreamConstants.TC_NULL);
            out.writeInt(Integer.MAX_VALUE - 8);
        }
        var hostile = new MillraceObjectMessage(bytes.toByteArray(), ObjectAllowList.parse("*"));

        assertThatThrownBy(hostile::getObject)
                .isInstanceOf(MessageFormatException.class)
                .hasMessageContaining("which its bytes cannot fill");
    }

    @Test
    void bytesThatAreNoObjectAreRefused() {
        for (byte[] bytes : List.of(new byte[0], new byte[] {1}, new byte[] {-84, -19, 0, 5}, new byte[100])) {
            var broken = new MillraceObjectMessage(bytes, ObjectAllowList.parse("*"));
            assertThatThrownBy(broken::getObject).isInstanceOf(MessageFormatException.class);
        }
    }

    @Test
    void whatCannotBeSerializedIsRefusedWhenItIsSet() {
        assertThatThrownBy(() -> message.setObject(new ArrayList<>(List.of(new Object()))))
                .isInstanceOf(MessageFormatException.class)
                .hasMessageContaining("java.lang.Object");
    }

    @Test
    void aReceivedObjectIsReadOnlyUntilItIsCleared() throws JMSException {
        message.setObject("a");
        ObjectMessage received = Records.received(message);

        assertThatThrownBy(() -> received.setObject("b")).isInstanceOf(MessageNotWriteableException.class);
        received.clearBody();
        assertThat(received.getObject()).isNull();
        received.setObject(new Line("b"));
        assertThat(received.getObject()).isEqualTo(new Line("b"));
    }

    @Test
    void itsBodyIsOfItsObjectsClass() throws JMSException {
        assertThat(message.isBodyAssignableTo(Integer.class)).isTrue();
        assertThat(message.getBody(Integer.class)).isNull();
        message.setObject(TimeUnit.DAYS);

        assertThat(message.isBodyAssignableTo(Serializable.class)).isTrue();
        assertThat(message.isBodyAssignableTo(TimeUnit.class)).isTrue();
        assertThat(message.isBodyAssignableTo(Map.class)).isFalse();
        assertThat(message.getBody(TimeUnit.class)).isEqualTo(TimeUnit.DAYS);
        assertThatThrownBy(() -> message.getBody(Map.class)).isInstanceOf(MessageFormatException.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"com.acme.", "com..Order", ".Order", "com.acme.***", "com.*.Order", "**", "a b", "1a", "!x"})
    void patternsThatAreNoneAreRefused(String pattern) {
        assertThatThrownBy(() -> ObjectAllowList.parse("java.util.*," + pattern))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'" + pattern + "'")
                .hasMessageContaining("com.acme.**");
    }

    @Test
    void aPatternMeansItsPackageOrWhatIsBelowToo() {
        var list = ObjectAllowList.parse(" java.util.* , java.util.concurrent.TimeUnit,java.math.**,");

        assertThat(list).hasToString("java.util.*,java.util.concurrent.TimeUnit,java.math.**");
        assertThat(list.permits(HashMap.class)).isTrue();
        assertThat(list.permits(Map.Entry.class)).isTrue();
        assertThat(list.permits(TimeUnit.class)).isTrue();
        assertThat(list.permits(AtomicInteger.class)).isFalse();
        assertThat(list.permits(java.math.BigDecimal[].class)).isTrue();
        assertThat(ObjectAllowList.parse("java.util.**").permits(AtomicInteger.class))
                .isTrue();
        assertThat(ObjectAllowList.parse("java.ut.**").permits(HashMap.class)).isFalse();
    }
}
