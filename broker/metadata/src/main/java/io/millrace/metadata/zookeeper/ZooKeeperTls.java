package io.millrace.metadata.zookeeper;

import io.millrace.metadata.MetadataException;
import java.nio.file.Files;
import java.util.Map;
import java.util.Optional;
import org.apache.zookeeper.common.X509Exception.KeyManagerException;
import org.apache.zookeeper.common.X509Exception.TrustManagerException;
import org.apache.zookeeper.common.X509Util;

/**
 * How connections to ZooKeeper are encrypted.
 *
 * @param keystore what this broker proves its identity by; empty where ZooKeeper does not ask for that
 * @param truststore whom this broker believes to be ZooKeeper; empty for those whom Java trusts
 * @param verifiesHostnames whether ZooKeeper's certificate must name the host that was connected to
 * @param other further properties of ZooKeeper's own client, by its names; empty values are as good as none
 */
public record ZooKeeperTls(
        Optional<ZooKeeperKeyFile> keystore,
        Optional<ZooKeeperKeyFile> truststore,
        boolean verifiesHostnames,
        Map<String, String> other) {

    public ZooKeeperTls {
        other = Map.copyOf(other);
    }

    /** Reads the files, so that a mistake in them is found before the first attempt to connect and can be named. */
    void check() {
        keystore.ifPresent(file -> {
            checkReadable("zookeeper.ssl.keystore", file);
            try {
                X509Util.createKeyManager(file.location().toString(), file.password(), typeOf(file));
            } catch (KeyManagerException e) {
                throw unusable("zookeeper.ssl.keystore", file, e);
            }
        });
        truststore.ifPresent(file -> {
            checkReadable("zookeeper.ssl.truststore", file);
            try {
                X509Util.createTrustManager(
                        file.location().toString(), file.password(), typeOf(file), false, false, false, false, true);
            } catch (TrustManagerException e) {
                throw unusable("zookeeper.ssl.truststore", file, e);
            }
        });
    }

    private static void checkReadable(String setting, ZooKeeperKeyFile file) {
        if (!Files.isReadable(file.location())) {
            throw new MetadataException(setting + ".location=" + file.location() + " "
                    + (Files.exists(file.location()) ? "may not be read by this process" : "does not exist")
                    + "; it must be a file that holds keys or certificates");
        }
    }

    private static MetadataException unusable(String setting, ZooKeeperKeyFile file, Exception why) {
        Throwable root = why;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return new MetadataException(
                setting + ".location=" + file.location() + " cannot be used: " + root.getMessage() + "; check "
                        + setting + ".password, and " + setting
                        + ".type where the name of the file does not tell its format",
                why);
    }

    /** What ZooKeeper takes for "tell by the name". */
    @SuppressWarnings("NullAway") // ZooKeeper's own convention
    private static String typeOf(ZooKeeperKeyFile file) {
        return file.type().isEmpty() ? null : file.type();
    }
}
