package org.nd4j.nativeblas;

import java.lang.reflect.InvocationTargetException;

/**
 * Stands where Deeplearning4j 1.0.0-M2.1 looks for ND4J's CPU environment: its oneDNN helpers ask a class of this old
 * name and stay off, with one log line, when it is missing. Answers from the class of today.
 */
public final class Nd4jCpu {
    private static final String CLASS_OF_TODAY = "org.nd4j.linalg.cpu.nativecpu.bindings.Nd4jCpu$Environment";

    private Nd4jCpu() {}

    /** The part of the old class that the helpers call, by reflection. */
    public static final class Environment {
        private static final Environment INSTANCE = new Environment();

        private Environment() {}

        /** The one environment of this process. */
        public static Environment getInstance() {
            return INSTANCE;
        }

        /** Whether the loaded natives have oneDNN and may use it. */
        public boolean isUseMKLDNN() {
            try {
                Class<?> today = Class.forName(CLASS_OF_TODAY);
                Object environment = today.getMethod("getInstance").invoke(null);
                return (boolean) today.getMethod("isUseONEDNN").invoke(environment);
            } catch (ClassNotFoundException
                    | NoSuchMethodException
                    | IllegalAccessException
                    | InvocationTargetException e) {
                throw new IllegalStateException(
                        "Cannot ask %s whether oneDNN is on; use ND4J 1.0.0-M2.1".formatted(CLASS_OF_TODAY), e);
            }
        }
    }
}
