package io.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DevClusterTest {

    @Test
    void aPortThatNobodyHasIsTaken() throws IOException {
        int port;
        try (var before = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = before.getLocalPort();
        }

        assertThat(DevCluster.portOrAny(port)).isEqualTo(port);
    }

    @Test
    void insteadOfAPortThatSomebodyHasAnyIsTaken() throws IOException {
        try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            assertThat(DevCluster.portOrAny(taken.getLocalPort())).isZero();
        }
    }

    @Test
    void insteadOfThePortBehindTheLastOneAnyIsTaken() {
        assertThat(DevCluster.portOrAny(65_536)).isZero();
    }

    @Test
    void aTemporaryFolderIsGoneWhenTheClusterIsClosed() {
        var cluster = new DevCluster(new DevCluster.Options(1, null, 0, 0));
        assertThat(cluster.dataDirectory()).isDirectory();

        cluster.close();

        assertThat(cluster.dataDirectory()).doesNotExist();
    }

    @Test
    void aFolderOfTheUserStays(@TempDir Path directory) throws IOException {
        Path kept = Files.writeString(directory.resolve("kept"), "");
        var cluster = new DevCluster(new DevCluster.Options(1, directory, 0, 0));

        cluster.close();

        assertThat(kept).exists();
    }

    @Test
    void aClusterThatWasClosedDoesNotStart() {
        var cluster = new DevCluster(new DevCluster.Options(1, null, 0, 0));
        cluster.close();

        assertThatThrownBy(cluster::start)
                .isInstanceOf(CommandFailedException.class)
                .hasMessageContaining("stopped while it started");
        assertThat(cluster.dataDirectory()).doesNotExist();
    }
}
