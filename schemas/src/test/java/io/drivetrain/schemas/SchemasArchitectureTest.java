package io.drivetrain.schemas;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

@AnalyzeClasses(packages = "io.drivetrain.schemas", importOptions = ImportOption.DoNotIncludeTests.class)
class SchemasArchitectureTest {
    @ArchTest
    static final ArchRule SCHEMAS_DEPEND_ON_NO_ENGINE = noClasses()
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "org.apache.flink..",
                    "org.apache.kafka..",
                    "org.apache.iceberg..",
                    "org.nd4j..",
                    "org.deeplearning4j..",
                    "io.drivetrain.ingest..",
                    "io.drivetrain.pipeline..",
                    "io.drivetrain.trainer..",
                    "io.drivetrain.infra..")
            .because("every module speaks this language; put engine code into the module that owns the engine");
}
