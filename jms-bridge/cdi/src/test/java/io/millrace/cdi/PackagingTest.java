package io.millrace.cdi;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.enterprise.inject.spi.Extension;
import java.io.IOException;
import java.io.InputStream;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;

/** What makes the beans of this jar found in a web application without any XML of its own. */
class PackagingTest {

    @Test
    void theJarIsABeanArchive() throws IOException {
        try (InputStream beans = Producers.class.getResourceAsStream("/META-INF/beans.xml")) {
            assertThat(new String(beans.readAllBytes())).contains("bean-discovery-mode=\"annotated\"");
        }
    }

    @Test
    void theExtensionIsAService() {
        assertThat(ServiceLoader.load(Extension.class).stream().map(ServiceLoader.Provider::type))
                .contains(DestinationExtension.class);
    }
}
