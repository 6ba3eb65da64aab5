using Belljar.Sandboxes.Tests.Backends;
using Belljar.Sandboxes.Tests.Conformance;

namespace Belljar.Sandboxes.Tests.Docker;

public class LifecycleTests(DockerFixture backend) : LifecycleConformance(backend), IClassFixture<DockerFixture>;

public class ExecTests(DockerFixture backend) : ExecConformance(backend), IClassFixture<DockerFixture>;

public class FileTests(DockerFixture backend) : FileConformance(backend), IClassFixture<DockerFixture>;

public class EscapeTests(DockerFixture backend) : EscapeConformance(backend), IClassFixture<DockerFixture>;

public class DecoyEscapeTests(DockerDecoyFixture backend) : EscapeConformance(backend), IClassFixture<DockerDecoyFixture>;

public class SecretTests(DockerFixture backend) : SecretConformance(backend), IClassFixture<DockerFixture>;

public class CrashTests(DockerFixture backend) : CrashConformance(backend), IClassFixture<DockerFixture>;

public class EngineOnlyExecTests(EngineOnlyFixture backend) : ExecConformance(backend), IClassFixture<EngineOnlyFixture>;

public class EngineOnlyCrashTests(EngineOnlyFixture backend) : CrashConformance(backend), IClassFixture<EngineOnlyFixture>;

public class PackageTests(DockerFixture backend, DebianTree debian) : PackageConformance(backend, debian), IClassFixture<DockerFixture>;

public class KillTests(DockerFixture backend) : KillConformance(backend), IClassFixture<DockerFixture>;
