using Microsoft.Extensions.Configuration;
using SampleWorkers.CommandLine;

var configuration = new ConfigurationBuilder()
    .SetBasePath(AppContext.BaseDirectory)
    .AddJsonFile("appsettings.json", optional: true)
    .AddEnvironmentVariables()
    .Build();

return await CommandLineRunner.RunAsync(SampleCommands.Build(configuration), args);
