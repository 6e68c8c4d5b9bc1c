package io.millrace.jms.jndi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.jms.MillraceConnectionFactory;
import io.millrace.jms.MillraceQueue;
import io.millrace.jms.MillraceTopic;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Hashtable;
import java.util.List;
import javax.naming.Binding;
import javax.naming.CompositeName;
import javax.naming.ConfigurationException;
import javax.naming.Context;
import javax.naming.InitialContext;
import javax.naming.InvalidNameException;
import javax.naming.NameClassPair;
import javax.naming.NameNotFoundException;
import javax.naming.NamingException;
import javax.naming.NotContextException;
import javax.naming.OperationNotSupportedException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@SuppressWarnings("BanJNDI") // looking up is what is tested
class PropertiesInitialContextFactoryTest {
    private final Hashtable<Object, Object> environment = new Hashtable<>();

    private Context context(String... keysAndValues) throws NamingException {
        environment.put(Context.INITIAL_CONTEXT_FACTORY, PropertiesInitialContextFactory.class.getName());
        for (int i = 0; i < keysAndValues.length; i += 2) {
            environment.put(keysAndValues[i], keysAndValues[i + 1]);
        }
        return new InitialContext(environment);
    }

    @Test
    void factoriesAndDestinationsAreFoundByTheirNames() throws NamingException {
        Context context = context(
                "connectionFactory.shop", "millrace://a:1,b:2?clientId=shop",
                "queue.orders", "shop.orders",
                "topic.jms/prices", "shop.prices");

        assertThat(context.lookup("shop")).isEqualTo(new MillraceConnectionFactory("millrace://a:1,b:2?clientId=shop"));
        assertThat(context.lookup("orders")).isEqualTo(new MillraceQueue("shop.orders"));
        assertThat(context.lookup("jms/prices")).isEqualTo(new MillraceTopic("shop.prices"));
        assertThat(context.lookup(new CompositeName("jms/prices"))).isEqualTo(new MillraceTopic("shop.prices"));
        assertThat(context.lookupLink("orders")).isEqualTo(new MillraceQueue("shop.orders"));
    }

    @Test
    void aFileOnTheClassPathIsEnough(@TempDir Path directory) throws Exception {
        Files.writeString(
                directory.resolve("jndi.properties"),
                """
                java.naming.factory.initial = io.millrace.jms.jndi.PropertiesInitialContextFactory
                connectionFactory.ConnectionFactory = millrace://a:1
                queue.orders = orders
                """);
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        try (var loader = new URLClassLoader(new URL[] {directory.toUri().toURL()}, before)) {
            thread.setContextClassLoader(loader);
            Context context = new InitialContext();

            assertThat(context.lookup("ConnectionFactory")).isEqualTo(new MillraceConnectionFactory("millrace://a:1"));
            assertThat(context.lookup("orders")).isEqualTo(new MillraceQueue("orders"));
        } finally {
            thread.setContextClassLoader(before);
        }
    }

    @Test
    void aProviderUrlAloneGivesTheFactoriesThatUsersExpect() throws NamingException {
        Context context = context(Context.PROVIDER_URL, "millrace://a:1");

        for (String name : List.of("ConnectionFactory", "QueueConnectionFactory", "TopicConnectionFactory")) {
            assertThat(context.lookup(name)).isEqualTo(new MillraceConnectionFactory("millrace://a:1"));
        }
    }

    @Test
    void namesOfFactoriesMayBeGivenBesidesTheProviderUrl() throws NamingException {
        Context context = context(
                Context.PROVIDER_URL,
                "millrace://a:1",
                "connectionFactoryNames",
                "shop, jms/other",
                "connectionFactory.own",
                "millrace://b:1",
                Context.SECURITY_PRINCIPAL,
                "ann",
                Context.SECURITY_CREDENTIALS,
                "secret");

        var shop = (MillraceConnectionFactory) context.lookup("shop");
        assertThat(shop.getBootstrapServers()).isEqualTo("a:1");
        assertThat(shop.getUserName()).isEqualTo("ann");
        assertThat(shop.getPassword()).isEqualTo("secret");
        assertThat(context.lookup("jms/other")).isEqualTo(shop);
        assertThat(((MillraceConnectionFactory) context.lookup("own")).getBootstrapServers())
                .isEqualTo("b:1");
        assertThatThrownBy(() -> context.lookup("ConnectionFactory")).isInstanceOf(NameNotFoundException.class);
    }

    @Test
    void everyDestinationIsFoundWithoutBeingNamedBefore() throws NamingException {
        Context context = context();

        assertThat(context.lookup("dynamicQueues/orders")).isEqualTo(new MillraceQueue("orders"));
        assertThat(context.lookup("dynamicTopics/prices")).isEqualTo(new MillraceTopic("prices"));
        assertThatThrownBy(() -> context.lookup("dynamicQueues/no name"))
                .isInstanceOf(InvalidNameException.class)
                .hasMessageContaining("'no name'");
    }

    @Test
    void whatIsNotBoundIsNamedTogetherWithWhatIs() throws NamingException {
        Context context = context("queue.orders", "orders", "queue.jms/returns", "returns");

        assertThatThrownBy(() -> context.lookup("jms/orders"))
                .isInstanceOf(NameNotFoundException.class)
                .hasMessageContaining("'jms/orders' is not bound; bound are [jms/returns, orders]");
    }

    @Test
    void namesWithSlashesAreContexts() throws NamingException {
        Context context = context("queue.jms/a", "a", "queue.jms/deep/b", "b", "topic.c", "c");

        Context jms = (Context) context.lookup("jms");
        assertThat(jms.lookup("a")).isEqualTo(new MillraceQueue("a"));
        assertThat(((Context) jms.lookup("deep")).lookup("b")).isEqualTo(new MillraceQueue("b"));
        assertThat(jms.getNameInNamespace()).isEqualTo("jms");
        assertThat(names(context.list(""))).containsExactly("c", "jms");
        assertThat(names(jms.list(""))).containsExactly("a", "deep");
        assertThat(names(context.list("jms/deep"))).containsExactly("b");
        List<Object> bound = new ArrayList<>();
        for (Binding binding : Collections.list(context.listBindings("jms/deep"))) {
            bound.add(binding.getObject());
        }
        assertThat(bound).containsExactly(new MillraceQueue("b"));
        assertThatThrownBy(() -> context.list("c")).isInstanceOf(NotContextException.class);
    }

    private static List<String> names(java.util.Enumeration<NameClassPair> pairs) {
        return Collections.list(pairs).stream().map(NameClassPair::getName).toList();
    }

    @Test
    void theContextIsReadOnlyButItsEnvironment() throws NamingException {
        Context context = (Context) context("queue.orders", "orders").lookup("");

        assertThatThrownBy(() -> context.bind("a", "b")).isInstanceOf(OperationNotSupportedException.class);
        assertThatThrownBy(() -> context.rebind("a", "b")).isInstanceOf(OperationNotSupportedException.class);
        assertThatThrownBy(() -> context.unbind("orders")).isInstanceOf(OperationNotSupportedException.class);
        assertThatThrownBy(() -> context.rename("orders", "b")).isInstanceOf(OperationNotSupportedException.class);
        assertThatThrownBy(() -> context.createSubcontext("a")).isInstanceOf(OperationNotSupportedException.class);
        assertThat(context.addToEnvironment("a", "b")).isNull();
        assertThat(context.getEnvironment().get("a")).isEqualTo("b");
        assertThat(context.removeFromEnvironment("a")).isEqualTo("b");
        assertThat(context.composeName("a", "jms")).isEqualTo("jms/a");
        context.close();
    }

    @ParameterizedTest
    @CsvSource({
        "connectionFactory.shop, tcp://a:1",
        "connectionFactory.shop, millrace://a:1?speed=high",
        "connectionFactory.shop, ''",
        "java.naming.provider.url, nonsense",
        "connectionFactoryNames, shop",
        "queue.orders, no name",
        "topic.prices, ''",
        "queue., orders",
        "queue./orders, orders"
    })
    void whatIsWrongIsToldWithItsKey(String key, String value) {
        assertThatThrownBy(() -> context(key, value))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining(key);
    }
}
