package io.millrace.metadata.zookeeper;

import java.nio.file.Path;

/**
 * A file with keys or certificates for TLS. Never prints the password.
 *
 * @param password empty for none
 * @param type JKS, PKCS12, PEM or BCFKS; empty to tell by the name of the file
 */
public record ZooKeeperKeyFile(Path location, String password, String type) {
    @Override
    public String toString() {
        return "ZooKeeperKeyFile[location=" + location + ", password=hidden, type=" + type + "]";
    }
}
