package io.drivetrain.infra;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** What infra may import. */
@AnalyzeClasses(packages = "io.drivetrain.infra", importOptions = DoNotIncludeTests.class)
class InfraArchitectureTest {
    @ArchTest
    static final ArchRule noDeepLearning = noClasses()
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("org.deeplearning4j..", "org.nd4j..", "io.drivetrain.trainer..")
            .because("the trainer is a process of its own: start it, and read what it publishes");

    @ArchTest
    static final ArchRule flinkOnlyInLocal = noClasses()
            .that()
            .resideOutsideOfPackage("io.drivetrain.infra.local..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("org.apache.flink..", "org.apache.iceberg..", "io.drivetrain.pipeline..")
            .because("only the Flink process has these on its class path: read the topics or the table's files");

    @ArchTest
    static final ArchRule stackKnowsNoCommandLine = noClasses()
            .that()
            .resideInAPackage("io.drivetrain.infra.local..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.drivetrain.infra.cli..", "io.drivetrain.infra.bench..", "picocli..")
            .because("the stack is started by commands, not the other way round: tell a StackListener");
}
