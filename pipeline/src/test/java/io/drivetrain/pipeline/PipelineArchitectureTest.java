package io.drivetrain.pipeline;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

@AnalyzeClasses(packages = "io.drivetrain.pipeline", importOptions = ImportOption.DoNotIncludeTests.class)
class PipelineArchitectureTest {
    private static final DescribedPredicate<JavaClass> SHELL =
            describe("named *Job, *Topology, *Operator, *Sink*, *Source*, JobSettings or OperatorUids", type -> {
                JavaClass outer = type;
                while (outer.getEnclosingClass().isPresent()) {
                    outer = outer.getEnclosingClass().get();
                }
                return outer.getSimpleName()
                        .matches(".*(Job|Topology|Operator)|.*(Sink|Source).*|JobSettings|OperatorUids");
            });

    @ArchTest
    static final ArchRule decisions_do_not_know_flink = noClasses()
            .that(DescribedPredicate.not(SHELL))
            .and()
            .resideOutsideOfPackage("..store..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("org.apache.flink..")
            .because("decisions are functions on values; move what needs Flink to an operator that calls them");

    @ArchTest
    static final ArchRule only_the_store_knows_iceberg = noClasses()
            .that()
            .resideOutsideOfPackage("..store..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("org.apache.iceberg..", "org.apache.hadoop..")
            .because("the table is one of several ends; go through the store package");

    @ArchTest
    static final ArchRule nothing_of_training_or_of_the_web = noClasses()
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "org.deeplearning4j..",
                    "org.nd4j..",
                    "picocli..",
                    "io.javalin..",
                    "io.drivetrain.trainer..",
                    "io.drivetrain.ingest..",
                    "io.drivetrain.infra..")
            .because("between modules there are topics, not method calls");
}
