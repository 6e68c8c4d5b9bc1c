package io.millrace.server;

import static io.millrace.server.configuration.ValueType.flag;
import static io.millrace.server.configuration.ValueType.oneOf;
import static io.millrace.server.configuration.ValueType.optionalText;
import static io.millrace.server.configuration.ValueType.secret;
import static io.millrace.server.configuration.ValueType.text;
import static io.millrace.server.configuration.ValueType.wholeNumber;

import io.millrace.server.configuration.ConfigurationKey;
import io.millrace.server.configuration.Secret;
import io.millrace.server.configuration.ValueType;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The settings for the way to ZooKeeper. Names are Kafka's, except those of {@code zookeeper.sasl}, which Kafka leaves to a JAAS file. */
final class ZooKeeperKeys {
    static final String NETTY_SOCKET = "org.apache.zookeeper.ClientCnxnSocketNetty";

    private static final List<ConfigurationKey<?>> ALL = new ArrayList<>();

    static final ConfigurationKey<String> CONNECT = key(
            "zookeeper.connect",
            text("host:port[,host:port...][/path]"),
            null,
            "the ZooKeeper ensemble that keeps the metadata, and the path, created when missing, below which they lie; without one:"
                    + " /millrace");
    static final ConfigurationKey<Integer> SESSION_TIMEOUT = key(
            "zookeeper.session.timeout.ms",
            wholeNumber(500, 600_000),
            "6000",
            "how long ZooKeeper keeps a silent broker");
    static final ConfigurationKey<Integer> CONNECTION_TIMEOUT = key(
            "zookeeper.connection.timeout.ms",
            wholeNumber(100, 600_000),
            "30000",
            "how long a start waits for ZooKeeper");
    static final ConfigurationKey<Boolean> SET_ACL = key(
            "zookeeper.set.acl",
            flag(),
            "false",
            "what the brokers keep in ZooKeeper may be read and changed by their own user only; needs a login or a certificate, the"
                    + " same for all brokers");
    static final ConfigurationKey<String> SASL_USERNAME = key(
            "zookeeper.sasl.username",
            optionalText("a name of a user of ZooKeeper"),
            "",
            "logs in to ZooKeeper by SASL DIGEST-MD5; empty: as a JAAS file (java.security.auth.login.config) says, if there is one");
    static final ConfigurationKey<Secret> SASL_PASSWORD =
            key("zookeeper.sasl.password", secret(), "", "of that user; or see zookeeper.sasl.password.file");
    static final ConfigurationKey<String> SASL_PASSWORD_FILE = key(
            "zookeeper.sasl.password.file",
            optionalText("a path of a file"),
            "",
            "holds the password in its first line, so that it need not stand here");
    static final ConfigurationKey<Boolean> TLS =
            key("zookeeper.ssl.client.enable", flag(), "false", "connections to ZooKeeper are encrypted by TLS");
    static final ConfigurationKey<String> SOCKET = key(
            "zookeeper.clientCnxnSocket",
            oneOf("", NETTY_SOCKET),
            "",
            "accepted for Kafka's sake: with TLS it is always " + NETTY_SOCKET);
    static final ConfigurationKey<String> KEYSTORE = key(
            "zookeeper.ssl.keystore.location",
            optionalText("a path of a file"),
            "",
            "certificate and key by which ZooKeeper knows this broker; empty: none");
    static final ConfigurationKey<Secret> KEYSTORE_PASSWORD =
            key("zookeeper.ssl.keystore.password", secret(), "", "of that file");
    static final ConfigurationKey<String> KEYSTORE_TYPE = key(
            "zookeeper.ssl.keystore.type",
            oneOf("", "JKS", "PKCS12", "PEM", "BCFKS"),
            "",
            "its format; empty: by the end of its name (.jks, .p12, .pfx, .pem, .bcfks)");
    static final ConfigurationKey<String> TRUSTSTORE = key(
            "zookeeper.ssl.truststore.location",
            optionalText("a path of a file"),
            "",
            "certificates of those whom this broker believes to be ZooKeeper; empty: those that Java trusts");
    static final ConfigurationKey<Secret> TRUSTSTORE_PASSWORD =
            key("zookeeper.ssl.truststore.password", secret(), "", "of that file");
    static final ConfigurationKey<String> TRUSTSTORE_TYPE = key(
            "zookeeper.ssl.truststore.type",
            oneOf("", "JKS", "PKCS12", "PEM", "BCFKS"),
            "",
            "its format; empty: by the end of its name");
    static final ConfigurationKey<String> HOSTNAMES = key(
            "zookeeper.ssl.endpoint.identification.algorithm",
            oneOf("HTTPS", "https", ""),
            "HTTPS",
            "HTTPS: ZooKeeper's certificate must name the host; empty: it need not");
    static final ConfigurationKey<String> PROTOCOL = key(
            "zookeeper.ssl.protocol", optionalText("a version of TLS"), "", "empty: the newest that both sides know");
    static final ConfigurationKey<String> PROTOCOLS = key(
            "zookeeper.ssl.enabled.protocols",
            optionalText("versions of TLS, separated by commas"),
            "",
            "that may be agreed on; empty: zookeeper.ssl.protocol");
    static final ConfigurationKey<String> CIPHERS = key(
            "zookeeper.ssl.cipher.suites",
            optionalText("names of cipher suites, separated by commas"),
            "",
            "that may be agreed on; empty: those that ZooKeeper's client prefers");
    static final ConfigurationKey<Boolean> REVOCATION_LISTS =
            key("zookeeper.ssl.crl.enable", flag(), "false", "certificates are looked up in revocation lists");
    static final ConfigurationKey<Boolean> REVOCATION_ONLINE =
            key("zookeeper.ssl.ocsp.enable", flag(), "false", "whether a certificate was revoked is asked by OCSP");

    private ZooKeeperKeys() {}

    static List<ConfigurationKey<?>> all() {
        return List.copyOf(ALL);
    }

    private static <T> ConfigurationKey<T> key(
            String name, ValueType<T> type, @Nullable String defaultText, String purpose) {
        var key = new ConfigurationKey<>(name, type, defaultText, purpose);
        ALL.add(key);
        return key;
    }
}
