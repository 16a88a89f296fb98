package io.drivetrain.trainer;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

@AnalyzeClasses(packages = "io.drivetrain.trainer", importOptions = ImportOption.DoNotIncludeTests.class)
class TrainerArchitectureTest {
    @ArchTest
    static final ArchRule NO_FLINK_AND_NO_OTHER_MODULE = noClasses()
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "org.apache.flink..", "io.drivetrain.ingest..", "io.drivetrain.pipeline..", "io.drivetrain.infra..")
            .because("modules speak through topics; put shared records and keys into schemas");

    @ArchTest
    static final ArchRule KAFKA_AT_THE_EDGES = noClasses()
            .that()
            .resideOutsideOfPackages(
                    "io.drivetrain.trainer.assemble..",
                    "io.drivetrain.trainer.publish..",
                    "io.drivetrain.trainer.score..",
                    "io.drivetrain.trainer.schedule..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("org.apache.kafka..")
            .because("learning and grading work on values; read in assemble, write in publish");

    @ArchTest
    static final ArchRule ICEBERG_IN_ASSEMBLE = noClasses()
            .that()
            .resideOutsideOfPackage("io.drivetrain.trainer.assemble..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("org.apache.iceberg..")
            .because("samples reach the trainer through assemble; give it a SampleStore instead");

    @ArchTest
    static final ArchRule DL4J_WHERE_NETWORKS_ARE_MADE = noClasses()
            .that()
            .resideOutsideOfPackages(
                    "io.drivetrain.trainer.build..",
                    "io.drivetrain.trainer.check..",
                    "io.drivetrain.trainer.fit..",
                    "io.drivetrain.trainer.score..",
                    // The shim that Deeplearning4j looks for under this name.
                    "org.nd4j..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("org.deeplearning4j..", "org.nd4j..", "org.bytedeco..")
            .because("the library is exchangeable; use Learner outside of build, check, fit and score");

    @ArchTest
    static final ArchRule GRADING_IS_PURE = noClasses()
            .that()
            .resideInAPackage("io.drivetrain.trainer.grade..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "java.io..",
                    "java.nio..",
                    "io.drivetrain.trainer.assemble..",
                    "io.drivetrain.trainer.fit..",
                    "io.drivetrain.trainer.publish..",
                    "io.drivetrain.trainer.schedule..")
            .because("a decision takes values and returns values; read and write around it");

    @ArchTest
    static final ArchRule PACKAGES_OF_THE_PLAN = classes()
            .should()
            .resideInAnyPackage(
                    "io.drivetrain.trainer",
                    "io.drivetrain.trainer.assemble..",
                    "io.drivetrain.trainer.build..",
                    "io.drivetrain.trainer.check..",
                    "io.drivetrain.trainer.fit..",
                    "io.drivetrain.trainer.grade..",
                    "io.drivetrain.trainer.improve..",
                    "io.drivetrain.trainer.publish..",
                    "io.drivetrain.trainer.schedule..",
                    "io.drivetrain.trainer.score..",
                    "io.drivetrain.trainer.tune..")
            .because("the packages tell the story of design.md; find the verb that fits or amend the plan");
}
