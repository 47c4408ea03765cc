using Microsoft.Extensions.Configuration;
using SampleWorkers.CommandLine;

return await CommandLineRunner.RunAsync(
    () => SampleCommands.Build(new ConfigurationBuilder()
        .SetBasePath(AppContext.BaseDirectory)
        .AddJsonFile("appsettings.json", optional: true)
        .AddEnvironmentVariables()
        .Build()),
    args);
