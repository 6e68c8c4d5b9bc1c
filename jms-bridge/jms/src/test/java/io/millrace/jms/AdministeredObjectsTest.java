package io.millrace.jms;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.time.Duration;
import java.util.Properties;
import javax.naming.Referenceable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Chapter 6.4: what administrators make and naming services keep. */
class AdministeredObjectsTest {
    private static final String URI = "millrace://a:1,b:2?clientId=shop+1&foreignBody=text&prefetch=7"
            + "&createDestinations=false&objectAllowList=com.acme.*%2Cjava.util.ArrayList&connectTimeoutMs=1&requestTimeoutMs=2&deliveryTimeoutMs=3&closeTimeoutMs=4";

    @Test
    void aUriSaysWhatThePropertiesSay() {
        var factory = new MillraceConnectionFactory(URI);

        assertThat(factory.getBootstrapServers()).isEqualTo("a:1,b:2");
        assertThat(factory.getClientId()).isEqualTo("shop 1");
        assertThat(factory.getForeignBody()).isEqualTo("text");
        assertThat(factory.getPrefetch()).isEqualTo(7);
        assertThat(factory.isCreateDestinations()).isFalse();
        assertThat(factory.getObjectAllowList()).isEqualTo("com.acme.*,java.util.ArrayList");
        assertThat(factory.getConnectTimeoutMs()).isEqualTo(1);
        assertThat(factory.getRequestTimeoutMs()).isEqualTo(2);
        assertThat(factory.getDeliveryTimeoutMs()).isEqualTo(3);
        assertThat(factory.getCloseTimeoutMs()).isEqualTo(4);
        assertThat(factory.getUri()).isEqualTo(URI);
    }

    @Test
    void propertiesSayWhatAUriSays() {
        var factory = new MillraceConnectionFactory();
        factory.setBootstrapServers(" a:1 , b:2 ");
        factory.setClientId("shop 1");
        factory.setForeignBody("TEXT");
        factory.setPrefetch(7);
        factory.setCreateDestinations(false);
        factory.setObjectAllowList(" com.acme.* , java.util.ArrayList");
        factory.setConnectTimeoutMs(1);
        factory.setRequestTimeoutMs(2);
        factory.setDeliveryTimeoutMs(3);
        factory.setCloseTimeoutMs(4);

        assertThat(factory).isEqualTo(new MillraceConnectionFactory(URI)).hasToString(URI);
    }

    @Test
    void aFactoryIsMadeOfPropertiesAndGivesThem() {
        var properties = new Properties();
        properties.setProperty("bootstrapServers", "a:1");
        properties.setProperty("clientId", "shop 1");
        properties.setProperty("prefetch", "7");
        properties.setProperty("userName", "ann");

        var factory = new MillraceConnectionFactory(properties);

        assertThat(factory).hasToString("millrace://a:1?clientId=shop+1&prefetch=7");
        assertThat(factory.getUserName()).isEqualTo("ann");
        assertThat(factory.getProperties()).isEqualTo(properties);
    }

    @Test
    void propertiesChangeWhatTheyNameOrNothing() {
        var factory = new MillraceConnectionFactory("millrace://a:1?clientId=shop&prefetch=7");
        var properties = new Properties();
        properties.setProperty("prefetch", "9");

        factory.setProperties(properties);
        assertThat(factory).hasToString("millrace://a:1?clientId=shop&prefetch=9");

        properties.setProperty("clientId", "other");
        properties.setProperty("userName", "ann");
        properties.setProperty("speed", "high");
        assertThatThrownBy(() -> factory.setProperties(properties))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'speed' is unknown");
        assertThat(factory).hasToString("millrace://a:1?clientId=shop&prefetch=9");
        assertThat(factory.getUserName()).isNull();
    }

    @Test
    void theDefaultsAreThoseOfTheClient() {
        var factory = new MillraceConnectionFactory();

        assertThat(factory.getBootstrapServers()).isEqualTo("localhost:9092");
        assertThat(factory.getUri()).isEqualTo("millrace://localhost:9092");
        assertThat(factory.getRequestTimeoutMs())
                .isEqualTo(Duration.ofSeconds(30).toMillis());
        assertThat(factory.getClientId()).isNull();
        assertThat(factory.isCreateDestinations()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "kafka://a:1",
                "millrace://",
                "millrace://a",
                "millrace://a:1?b=2",
                "millrace://a:1?prefetch",
                "millrace://a:1?prefetch=0",
                "millrace://a:1?prefetch=many",
                "millrace://a:1?foreignBody=song",
                "millrace://a:1?createDestinations=perhaps",
                "millrace://a:1?requestTimeoutMs=0"
            })
    void aWrongUriIsRefused(String uri) {
        assertThatThrownBy(() -> new MillraceConnectionFactory(uri)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void anUnknownParameterIsNamedWithThoseThatAreKnown() {
        assertThatThrownBy(() -> new MillraceConnectionFactory("millrace://a:1?clientid=x"))
                .hasMessageContaining("'clientid'")
                .hasMessageContaining("clientId");
    }

    @Test
    void referencesAndSerializationKeepEverything() throws Exception {
        var factory = new MillraceConnectionFactory(URI);
        factory.setUserName("u");
        factory.setPassword("p");

        for (Object object : new Object[] {factory, new MillraceQueue("q"), new MillraceTopic("t")}) {
            var reference = ((Referenceable) object).getReference();
            assertThat(new AdministeredObjectFactory().getObjectInstance(reference, null, null, null))
                    .isEqualTo(object)
                    .hasSameHashCodeAs(object);
            assertThat(copy(object)).isEqualTo(object);
        }
        assertThat(new AdministeredObjectFactory().getObjectInstance("other", null, null, null))
                .isNull();
    }

    private static Object copy(Object object) throws Exception {
        var bytes = new ByteArrayOutputStream();
        new ObjectOutputStream(bytes).writeObject(object);
        return new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray())).readObject();
    }

    @Test
    void destinationsAreEqualByKindAndName() {
        assertThat(new MillraceQueue("a"))
                .isEqualTo(new MillraceQueue("a"))
                .isNotEqualTo(new MillraceQueue("b"))
                .isNotEqualTo(new MillraceTopic("a"));
        var named = new MillraceTopic();
        named.setName("a");
        assertThat(named).isEqualTo(new MillraceTopic("a")).hasToString("topic:a");
    }
}
