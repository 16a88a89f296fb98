package io.drivetrain.trainer.check.doctor;

import static org.assertj.core.api.Assertions.assertThat;

/** What the doctor is to find first of all in a patient with a planted bug. */
final class Diagnosis {
    private Diagnosis() {}

    /**
     * Examines, and asserts the name of the first finding.
     *
     * @param name of the bug
     * @param check that is to find it
     */
    static Examination first(String name, String check, Patient patient) throws InterruptedException {
        Examination examination = Doctor.examine(patient, Settings.standard(3));
        assertThat(examination.primary())
                .as("%s: %s", name, examination.skipped())
                .hasValueSatisfying(finding -> assertThat(finding.getCheck())
                        .as("%s: %s", name, examination.failed())
                        .isEqualTo(check));
        return examination;
    }
}
