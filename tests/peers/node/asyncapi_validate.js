// Validates AsyncAPI documents against the official JSON Schema of their version: node asyncapi_validate.js FILE... Prints the errors.
const Ajv = require("ajv");
const fs = require("fs");

for (const file of process.argv.slice(2)) {
    const document = JSON.parse(fs.readFileSync(file, "utf8"));
    const schema = require(`@asyncapi/specs/schemas/${document.asyncapi}-without-$id.json`);
    const validate = new Ajv({ strict: false, validateFormats: false, allErrors: true }).compile(schema);
    if (!validate(document)) {
        process.exitCode = 1;
        for (const error of validate.errors) {
            console.log(`${file}${error.instancePath}: ${error.message} ${JSON.stringify(error.params)}`);
        }
    }
}
