package io.drivetrain.ingest;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

@AnalyzeClasses(packages = "io.drivetrain.ingest", importOptions = ImportOption.DoNotIncludeTests.class)
class IngestArchitectureTest {
    @ArchTest
    static final ArchRule NO_ENGINE_AND_NO_OTHER_MODULE = noClasses()
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "org.apache.flink..",
                    "org.apache.iceberg..",
                    "org.nd4j..",
                    "org.deeplearning4j..",
                    "io.drivetrain.pipeline..",
                    "io.drivetrain.trainer..",
                    "io.drivetrain.infra..")
            .because("ingest ends at samples.raw; what comes after it belongs to pipeline and trainer");

    @ArchTest
    static final ArchRule KAFKA_ONLY_IN_PUBLISH = noClasses()
            .that()
            .resideOutsideOfPackage("io.drivetrain.ingest.publish..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("org.apache.kafka..")
            .because("collecting and drawing know no broker; send through SamplePublisher");
}
