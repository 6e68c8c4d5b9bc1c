package io.millrace.protocol.wire;

import java.lang.invoke.MethodHandle;

/** A schema compiled for one version. */
record Codec(String name, MethodHandle reader, MethodHandle writer, int bytesMinPlain, int bytesMinFlexible) {
    int bytesMin(boolean flexible) {
        return flexible ? bytesMinFlexible : bytesMinPlain;
    }

    @SuppressWarnings("checkstyle:IllegalCatch") // a method handle declares Throwable, whatever it does
    Object read(Reader in) {
        try {
            return (Object) reader.invokeExact(in);
        } catch (IndexOutOfBoundsException e) {
            throw new MalformedMessageException(
                    "the frame ends inside " + name + " of version " + in.version() + ", at byte " + in.position(), e);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException("reading " + name + " of version " + in.version(), e);
        }
    }

    @SuppressWarnings("checkstyle:IllegalCatch") // a method handle declares Throwable, whatever it does
    void write(Writer out, Object value) {
        try {
            writer.invokeExact(out, value);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException("writing " + name + " in version " + out.version(), e);
        }
    }
}
