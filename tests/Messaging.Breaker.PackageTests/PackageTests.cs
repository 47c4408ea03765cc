using System.IO.Compression;
using Messaging.Breaker.IntegrationTests.Infrastructure;

namespace Messaging.Breaker.PackageTests;

public class PackageTests(PackedPackages packed, BrokerFixture broker) : IClassFixture<PackedPackages>
{
    [Fact]
    public async Task A_new_worker_built_from_the_packages_lives_through_an_outage()
    {
        var worker = await packed.BuildWorkerAsync();
        var output = await packed.RunWorkerAsync(worker, broker.Node.AmqpAddress);
        Assert.Contains("charged 200, ", output, StringComparison.Ordinal);
        Assert.Null(await broker.Node.GetQueueAsync("ChargeOrder_error"));
        Assert.Equal(0, (await broker.Node.GetQueueAsync("ChargeOrder"))?.Ready);
    }

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
            var id = Path.GetFileName(package).Replace($".{packed.Version}.nupkg", "", StringComparison.Ordinal);
            Assert.Contains($"lib/net10.0/{id}.dll", files);
            Assert.Contains($"lib/net10.0/{id}.xml", files);
            Assert.True(File.Exists(Path.ChangeExtension(package, ".snupkg")), $"{id} has no symbols");
        });
    }
}
