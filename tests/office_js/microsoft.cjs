// Asks Microsoft's packages: `node microsoft.cjs metadata FILE.ts` and `… manifest FILE.xml`.
const [what, file] = process.argv.slice(2);
const answers = {
  metadata: async () => {
    const { generateCustomFunctionsMetadata } = require("custom-functions-metadata");
    const { metadataJson, errors } = await generateCustomFunctionsMetadata(file);
    return { metadata: metadataJson ? JSON.parse(metadataJson) : null, errors };
  },
  manifest: async () => require("office-addin-manifest").OfficeAddinManifest.readManifestFile(file),
};
answers[what]().then(
  (answer) => process.stdout.write(JSON.stringify(answer)),
  (problem) => {
    process.stderr.write(String(problem));
    process.exit(1);
  },
);
