package io.millrace.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/** Each test starts a JVM of its own that runs one of the fixtures, since a leak fails the whole run it happens in. */
class LeakDetectionTest {
    private static final long RUN_MAX_SECONDS = 60;

    @TempDir
    Path directory;

    @Test
    void aRunThatLeaksABufferFails() throws Exception {
        Run run = run(LeakingFixture.class);

        assertThat(run.exitCode()).as(run.output()).isNotZero();
        assertThat(run.output()).contains("Buffers that were not released: 1", "LeakingFixture.forgetsABuffer");
    }

    @Test
    void aRunThatReleasesItsBuffersPasses() throws Exception {
        Run run = run(CleanFixture.class);

        assertThat(run.exitCode()).as(run.output()).isZero();
    }

    private record Run(int exitCode, String output) {}

    private Run run(Class<?> fixture) throws IOException, InterruptedException {
        File output = directory.resolve("output").toFile();
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        Process process = new ProcessBuilder(List.of(
                        java, "-cp", System.getProperty("java.class.path"), OneRun.class.getName(), fixture.getName()))
                .redirectErrorStream(true)
                .redirectOutput(output)
                .start();
        try {
            boolean ended = process.waitFor(RUN_MAX_SECONDS, TimeUnit.SECONDS);
            String text = Files.readString(output.toPath(), StandardCharsets.UTF_8);
            assertThat(ended).as("ended within %d s: %s", RUN_MAX_SECONDS, text).isTrue();
            return new Run(process.exitValue(), text);
        } finally {
            process.destroyForcibly();
        }
    }

    static final class OneRun {
        private OneRun() {}

        public static void main(String[] fixture) throws ClassNotFoundException {
            var request = LauncherDiscoveryRequestBuilder.request()
                    .selectors(selectClass(Class.forName(fixture[0])))
                    .build();
            try (var session = LauncherFactory.openSession()) {
                session.getLauncher().execute(request);
            }
        }
    }

    static class LeakingFixture {
        @Test
        void forgetsABuffer() {
            ByteBuf buffer = PooledByteBufAllocator.DEFAULT.buffer();

            buffer.writeByte(1);

            assertThat(buffer.refCnt()).isOne();
        }
    }

    static class CleanFixture {
        @Test
        void releasesItsBuffer() {
            ByteBuf buffer = PooledByteBufAllocator.DEFAULT.buffer();

            buffer.release();

            assertThat(buffer.refCnt()).isZero();
        }
    }
}
