using System.IO.Compression;
using System.Reflection;
using Messaging.Breaker.IntegrationTests.Infrastructure;

namespace Messaging.Breaker.PackageTests;

public class PackageTests(PackedPackages packed, BrokerFixture broker)
{
    [Fact]
    public async Task A_new_worker_built_from_the_packages_lives_through_an_outage()
    {
        var worker = await packed.BuildWorkerAsync("worker");
        Assert.Equal(new Version(8, 5, 12, 0), AssemblyName.GetAssemblyName(Path.Combine(worker, "MassTransit.dll")).Version);
        var output = await packed.RunWorkerAsync(worker, broker.Node.AmqpAddress);
        Assert.Contains("charged 200, ", output, StringComparison.Ordinal);
        Assert.Null(await broker.Node.GetQueueAsync("ChargeOrder_error"));
        Assert.Equal(0, (await broker.Node.GetQueueAsync("ChargeOrder"))?.Ready);
    }

    [Fact]
    public void The_solution_packs_the_library_and_nothing_else() => Assert.Equal(
        [
            "Messaging.Breaker",
            "Messaging.Breaker.Cli",
            "Messaging.Breaker.Dashboard",
            "Messaging.Breaker.EntityFrameworkCore",
            "Messaging.Breaker.Redis",
            "Messaging.Breaker.Templates",
            "Messaging.Breaker.Testing",
        ],
        Directory.EnumerateFiles(packed.Packages, "*.nupkg").Select(packed.IdOf).Order(StringComparer.Ordinal));

    [Fact]
    public void Every_package_carries_readme_icon_documentation_and_symbols()
    {
        var packages = Directory.EnumerateFiles(packed.Packages, "*.nupkg").ToList();
        Assert.NotEmpty(packages);
        Assert.All(packages, package =>
        {
            using var archive = ZipFile.OpenRead(package);
            var files = archive.Entries.Select(entry => entry.FullName).ToList();
            Assert.Contains("README.md", files);
            Assert.Contains("icon.png", files);
            var id = packed.IdOf(package);
            if (id == "Messaging.Breaker.Templates")
                return; // It contains nothing compiled.
            if (id == "Messaging.Breaker.Cli")
                Assert.Contains("tools/net10.0/any/breakers.dll", files);
            else
                Assert.Subset(files.ToHashSet(), new HashSet<string> { $"lib/net10.0/{id}.dll", $"lib/net10.0/{id}.xml" });
            Assert.True(File.Exists(Path.ChangeExtension(package, ".snupkg")), $"{id} has no symbols");
        });
    }
}
