package io.millrace.server;

import io.millrace.metadata.zookeeper.ZooKeeperConfiguration;
import io.millrace.metadata.zookeeper.ZooKeeperKeyFile;
import io.millrace.metadata.zookeeper.ZooKeeperLogin;
import io.millrace.metadata.zookeeper.ZooKeeperSecurity;
import io.millrace.metadata.zookeeper.ZooKeeperTls;
import io.millrace.server.configuration.ConfigurationException;
import io.millrace.server.configuration.ConfigurationKey;
import io.millrace.server.configuration.Secret;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** What a broker's configuration says about the way to ZooKeeper, checked as a whole. Immutable. */
final class ZooKeeperSettings {
    private final BrokerConfiguration configuration;

    ZooKeeperSettings(BrokerConfiguration configuration) {
        this.configuration = configuration;
    }

    /** @throws ConfigurationException if settings do not go together, or the file with the password cannot be read */
    ZooKeeperConfiguration read() {
        var security = new ZooKeeperSecurity(login(), tls(), configuration.isSet(ZooKeeperKeys.SET_ACL));
        checkIdentity(security);
        return new ZooKeeperConfiguration(
                configuration.zooKeeperConnect(),
                configuration.intValue(ZooKeeperKeys.SESSION_TIMEOUT),
                configuration.intValue(ZooKeeperKeys.CONNECTION_TIMEOUT),
                security);
    }

    private Optional<ZooKeeperLogin> login() {
        String user = configuration.value(ZooKeeperKeys.SASL_USERNAME);
        String password = configuration.value(ZooKeeperKeys.SASL_PASSWORD).text();
        String file = configuration.value(ZooKeeperKeys.SASL_PASSWORD_FILE);
        if (!password.isEmpty() && !file.isEmpty()) {
            throw new ConfigurationException("zookeeper.sasl.password and zookeeper.sasl.password.file=" + file
                    + " are both given; keep one of them");
        }
        if (user.isEmpty() && password.isEmpty() && file.isEmpty()) {
            return Optional.empty();
        }
        if (user.isEmpty()) {
            throw new ConfigurationException(
                    "there is a password for ZooKeeper but no user; zookeeper.sasl.username must name one");
        }
        String given = file.isEmpty() ? password : firstLine(file);
        if (given.isEmpty()) {
            throw new ConfigurationException(
                    "zookeeper.sasl.username=" + user + " has no password; zookeeper.sasl.password, or"
                            + " the first line of zookeeper.sasl.password.file, must be one");
        }
        return Optional.of(new ZooKeeperLogin(user, given));
    }

    private static String firstLine(String file) {
        try (Stream<String> lines = Files.lines(Path.of(file))) {
            return lines.findFirst().map(String::strip).orElse("");
        } catch (IOException | UncheckedIOException e) {
            throw new ConfigurationException("zookeeper.sasl.password.file=" + file + " cannot be read: " + e);
        }
    }

    private Optional<ZooKeeperTls> tls() {
        if (!configuration.isSet(ZooKeeperKeys.TLS)) {
            return Optional.empty();
        }
        var other = Map.of(
                "zookeeper.ssl.protocol", configuration.value(ZooKeeperKeys.PROTOCOL),
                "zookeeper.ssl.enabledProtocols", configuration.value(ZooKeeperKeys.PROTOCOLS),
                "zookeeper.ssl.ciphersuites", configuration.value(ZooKeeperKeys.CIPHERS),
                "zookeeper.ssl.crl", Boolean.toString(configuration.isSet(ZooKeeperKeys.REVOCATION_LISTS)),
                "zookeeper.ssl.ocsp", Boolean.toString(configuration.isSet(ZooKeeperKeys.REVOCATION_ONLINE)));
        return Optional.of(new ZooKeeperTls(
                keyFile(ZooKeeperKeys.KEYSTORE, ZooKeeperKeys.KEYSTORE_PASSWORD, ZooKeeperKeys.KEYSTORE_TYPE),
                keyFile(ZooKeeperKeys.TRUSTSTORE, ZooKeeperKeys.TRUSTSTORE_PASSWORD, ZooKeeperKeys.TRUSTSTORE_TYPE),
                !configuration.value(ZooKeeperKeys.HOSTNAMES).isEmpty(),
                other));
    }

    private Optional<ZooKeeperKeyFile> keyFile(
            ConfigurationKey<String> location, ConfigurationKey<Secret> password, ConfigurationKey<String> type) {
        String path = configuration.value(location);
        return path.isEmpty()
                ? Optional.empty()
                : Optional.of(new ZooKeeperKeyFile(
                        Path.of(path), configuration.value(password).text(), configuration.value(type)));
    }

    /** Who restricts access to itself must be somebody. */
    private static void checkIdentity(ZooKeeperSecurity security) {
        boolean hasIdentity = security.login().isPresent()
                || security.tls().flatMap(ZooKeeperTls::keystore).isPresent()
                || ZooKeeperSecurity.hasJaasLogin();
        if (security.restrictsAccess() && !hasIdentity) {
            throw new ConfigurationException(
                    "zookeeper.set.acl=true needs an identity for which access is restricted; set"
                            + " zookeeper.sasl.username and its password, or zookeeper.ssl.client.enable=true and"
                            + " zookeeper.ssl.keystore.location, or name a JAAS file with a section Client in"
                            + " java.security.auth.login.config");
        }
    }
}
