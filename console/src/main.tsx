import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { Gate } from "./shell/gate";
import { applyTheme } from "./shell/theme";
import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/shell.css";
import "./styles/components.css";
import "./styles/rollout.css";
import "./styles/fleet.css";
import "./styles/pages.css";

applyTheme();
const root = document.getElementById("root");
if (root === null) throw new Error("index.html has no element with the id root");
createRoot(root).render(
  <StrictMode>
    <Gate
      go={(address) => {
        window.location.assign(address);
      }}
    />
  </StrictMode>,
);
