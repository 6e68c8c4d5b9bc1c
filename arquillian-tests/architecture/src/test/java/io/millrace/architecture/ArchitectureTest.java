package io.millrace.architecture;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import org.junit.jupiter.api.Test;

/** The directions in which packages may use each other, over the classes of all modules. */
class ArchitectureTest {
    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("io.millrace");

    @Test
    void theClassesOfEveryModuleAreLookedAt() {
        assertThat(CLASSES)
                .extracting(each -> each.getPackageName())
                .contains(
                        "io.millrace.protocol",
                        "io.millrace.record",
                        "io.millrace.storage",
                        "io.millrace.metadata",
                        "io.millrace.replication",
                        "io.millrace.coordinator.queue",
                        "io.millrace.client",
                        "io.millrace.server",
                        "io.millrace.cli",
                        "io.millrace.jms",
                        "io.millrace.cdi",
                        "io.millrace.ra");
    }

    @Test
    void noPackagesUseEachOtherInACircle() {
        check(slices().matching("io.millrace.(**)").should().beFreeOfCycles());
    }

    @Test
    void onlyTheZooKeeperStoreUsesCurator() {
        check(noClasses()
                .that(not(resideInAPackage("io.millrace.metadata.zookeeper")))
                .should()
                .dependOnClassesThat()
                .resideInAPackage("org.apache.curator.."));
    }

    @Test
    void rulesOfReplicationKnowNeitherSocketsNorZooKeeper() {
        check(noClasses()
                .that(resideInAnyPackage("io.millrace.replication..", "io.millrace.coordinator.."))
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "io.netty.channel..", "java.net..", "org.apache.zookeeper..", "org.apache.curator.."));
    }

    @Test
    void theProtocolKnowsNoChannels() {
        check(noClasses()
                .that(resideInAnyPackage("io.millrace.protocol..", "io.millrace.record.."))
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.netty.channel.."));
    }

    @Test
    void nobodyReadsTheSystemClockInTheCore() {
        check(noClasses()
                .that(resideInAnyPackage(
                        "io.millrace.storage..",
                        "io.millrace.metadata..",
                        "io.millrace.replication..",
                        "io.millrace.coordinator.."))
                .should()
                .callMethod(System.class, "currentTimeMillis")
                .orShould()
                .callMethod(java.time.Instant.class, "now"));
    }

    @Test
    void theBridgesKnowTheClientOnly() {
        check(noClasses()
                .that(resideInAnyPackage("io.millrace.jms..", "io.millrace.ra..", "io.millrace.cdi.."))
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "io.millrace.server..",
                        "io.millrace.storage..",
                        "io.millrace.replication..",
                        "io.millrace.metadata..",
                        "io.millrace.coordinator.."));
    }

    @Test
    void injectedProducersKnowNoProvider() {
        check(noClasses()
                .that(resideInAPackage("io.millrace.cdi.."))
                .should()
                .dependOnClassesThat(
                        resideInAPackage("io.millrace..").and(not(resideInAPackage("io.millrace.cdi..")))));
    }

    private static void check(ArchRule rule) {
        rule.check(CLASSES);
    }
}
