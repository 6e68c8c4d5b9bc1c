package io.millrace.metadata.zookeeper;

import java.util.Optional;
import org.apache.zookeeper.client.ZKClientConfig;
import org.apache.zookeeper.common.ClientX509Util;
import org.apache.zookeeper.common.X509Util;

/** What ZooKeeper's client is told of TLS and of its user. Owned by one connection; {@link #close} forgets the user. */
final class ClientSettings implements AutoCloseable {
    private static final String NETTY_SOCKET = "org.apache.zookeeper.ClientCnxnSocketNetty";

    private final ZKClientConfig config = new ZKClientConfig();
    private final Optional<String> loginName;

    ClientSettings(ZooKeeperSecurity security) {
        loginName = security.login().map(SaslLogins::add);
        loginName.ifPresent(name -> {
            config.setProperty(ZKClientConfig.ENABLE_CLIENT_SASL_KEY, "true");
            config.setProperty(ZKClientConfig.LOGIN_CONTEXT_NAME_KEY, name);
            // DIGEST-MD5 does not need the server's name; looking it up could take long.
            config.setProperty(ZKClientConfig.ZK_SASL_CLIENT_CANONICALIZE_HOSTNAME, "false");
        });
        boolean mayUseDigest = loginName.isPresent() || SaslLogins.isConfiguredOutside();
        if (mayUseDigest && System.getProperty(X509Util.FIPS_MODE_PROPERTY) == null) {
            // In FIPS mode, its default, ZooKeeper's client has no DIGEST-MD5 and logs in by Kerberos only.
            config.setProperty(X509Util.FIPS_MODE_PROPERTY, "false");
        }
        security.tls().ifPresent(this::encrypt);
    }

    private void encrypt(ZooKeeperTls tls) {
        config.setProperty(ZKClientConfig.SECURE_CLIENT, "true");
        config.setProperty(ZKClientConfig.ZOOKEEPER_CLIENT_CNXN_SOCKET, NETTY_SOCKET);
        try (var names = new ClientX509Util()) {
            tls.keystore().ifPresent(file -> {
                config.setProperty(
                        names.getSslKeystoreLocationProperty(), file.location().toString());
                set(names.getSslKeystorePasswdProperty(), file.password());
                set(names.getSslKeystoreTypeProperty(), file.type());
            });
            tls.truststore().ifPresent(file -> {
                config.setProperty(
                        names.getSslTruststoreLocationProperty(),
                        file.location().toString());
                set(names.getSslTruststorePasswdProperty(), file.password());
                set(names.getSslTruststoreTypeProperty(), file.type());
            });
            config.setProperty(
                    names.getSslHostnameVerificationEnabledProperty(), Boolean.toString(tls.verifiesHostnames()));
        }
        tls.other().forEach(this::set);
    }

    private void set(String name, String value) {
        if (!value.isEmpty()) {
            config.setProperty(name, value);
        }
    }

    ZKClientConfig config() {
        return config;
    }

    @Override
    public void close() {
        loginName.ifPresent(SaslLogins::remove);
    }
}
