package io.drivetrain.schemas;

import org.apache.avro.util.ClassSecurityValidator;

/**
 * Lets Avro make our records. Avro 1.12.2 makes only classes that are trusted; every generated record class calls
 * {@link #trust()} when it is initialised (see the pom), so that no JVM needs a system property for it.
 */
final class TrustedRecords {
    private static final String PACKAGE = TrustedRecords.class.getPackageName();
    private static boolean done;

    private TrustedRecords() {}

    /** Adds our package, and nothing else, to what Avro trusts already. */
    static synchronized void trust() {
        if (!done) {
            ClassSecurityValidator.setGlobal(ClassSecurityValidator.composite(
                    ClassSecurityValidator.getGlobal(), c -> PACKAGE.equals(c.getPackageName())));
            done = true;
        }
    }
}
