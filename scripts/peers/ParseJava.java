// Prints those of its arguments that javac can parse, a line each: java ParseJava.java FILE...
import com.sun.source.util.JavacTask;
import java.nio.file.Path;
import java.util.List;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaFileObject;
import javax.tools.ToolProvider;

class ParseJava {
    public static void main(String[] arguments) throws Exception {
        var compiler = ToolProvider.getSystemJavaCompiler();
        try (var files = compiler.getStandardFileManager(null, null, null)) {
            for (String argument : arguments) {
                var found = new DiagnosticCollector<JavaFileObject>();
                var units = files.getJavaFileObjects(Path.of(argument));
                var task = (JavacTask) compiler.getTask(null, files, found, List.of("-proc:none"), null, units);
                task.parse();
                if (found.getDiagnostics().stream().noneMatch(one -> one.getKind() == Diagnostic.Kind.ERROR)) {
                    System.out.println(argument);
                }
            }
        }
    }
}
